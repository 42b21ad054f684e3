SELECT campaign, granted, spent, returned FROM lease WHERE log = ?1 ORDER BY campaign
