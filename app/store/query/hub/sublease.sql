SELECT granted, returned, spent, demand_milli, demand_us, lacks_us, granted_minor, returned_minor, spent_minor FROM sublease
WHERE hub_epoch = ?1 AND campaign = ?2 AND terminal = ?3 AND epoch = ?4
