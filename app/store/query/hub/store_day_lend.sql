UPDATE store_day SET
    lent = (SELECT sum(s.granted) FROM sublease_day s WHERE s.hub_epoch = ?1 AND s.campaign = ?2 AND s.day = ?3)
WHERE hub_epoch = ?1 AND campaign = ?2 AND day = ?3
