SELECT campaign, granted, spent, returned, granted_minor, spent_minor, returned_minor, per_day FROM store_lease WHERE hub = ?1
ORDER BY campaign
