SELECT spent, returned, store_returned FROM sublease_use WHERE campaign = ?1 AND hub_epoch = ?2
