SELECT campaign, hub_epoch, spent, returned, store_returned, spent_minor, returned_minor, store_returned_minor FROM sublease_use
ORDER BY campaign, hub_epoch
