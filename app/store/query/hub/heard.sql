SELECT 1 FROM heard WHERE hub_epoch = ?1
