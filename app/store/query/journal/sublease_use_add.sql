INSERT INTO sublease_use (campaign, hub_epoch, spent, returned, store_returned) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (campaign, hub_epoch) DO UPDATE SET spent = spent + excluded.spent, returned = returned + excluded.returned,
    store_returned = store_returned + excluded.store_returned
