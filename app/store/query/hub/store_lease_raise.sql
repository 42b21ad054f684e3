INSERT INTO store_lease (hub_epoch, campaign, granted, granted_minor, returned, returned_minor, lent, lent_minor)
VALUES (?1, ?2, ?3, ?4, 0, 0, 0, 0)
ON CONFLICT (hub_epoch, campaign) DO UPDATE SET granted = max(granted, excluded.granted),
    granted_minor = max(granted_minor, excluded.granted_minor)
