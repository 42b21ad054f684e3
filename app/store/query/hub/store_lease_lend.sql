UPDATE store_lease SET
    lent = (SELECT sum(s.granted - s.returned) FROM sublease s WHERE s.hub_epoch = ?1 AND s.campaign = ?2),
    lent_minor = (SELECT sum(s.granted_minor - s.returned_minor) FROM sublease s WHERE s.hub_epoch = ?1 AND s.campaign = ?2)
WHERE hub_epoch = ?1 AND campaign = ?2
