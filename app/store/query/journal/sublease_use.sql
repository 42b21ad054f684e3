SELECT spent, returned, store_returned, spent_minor, returned_minor, store_returned_minor FROM sublease_use
WHERE campaign = ?1 AND hub_epoch = ?2
