SELECT granted, spent, returned, granted_minor, spent_minor, returned_minor, per_day, keep, demand_milli, demand_minor, demand_us
FROM store_lease WHERE campaign = ?1 AND hub = ?2
