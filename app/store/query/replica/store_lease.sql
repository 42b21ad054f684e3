SELECT granted, granted_minor, per_day, keep FROM store_lease WHERE campaign = ?1 AND epoch = ?2
