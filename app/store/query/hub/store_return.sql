SELECT units FROM store_return WHERE hub_epoch = ?1 AND campaign = ?2
