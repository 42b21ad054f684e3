INSERT INTO sublease_use (campaign, hub_epoch, spent, returned, store_returned, spent_minor, returned_minor, store_returned_minor)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (campaign, hub_epoch) DO UPDATE SET spent = spent + excluded.spent, returned = returned + excluded.returned,
    store_returned = store_returned + excluded.store_returned, spent_minor = spent_minor + excluded.spent_minor,
    returned_minor = returned_minor + excluded.returned_minor,
    store_returned_minor = store_returned_minor + excluded.store_returned_minor
