SELECT granted, granted_minor, returned, returned_minor, lent, lent_minor FROM store_lease WHERE hub_epoch = ?1 AND campaign = ?2
