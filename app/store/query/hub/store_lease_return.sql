UPDATE store_lease SET returned = ?3, returned_minor = ?4 WHERE hub_epoch = ?1 AND campaign = ?2
