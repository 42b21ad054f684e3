SELECT campaign, hub_epoch, spent, returned, store_returned FROM sublease_use ORDER BY campaign, hub_epoch
