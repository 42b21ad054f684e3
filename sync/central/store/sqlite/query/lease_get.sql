SELECT granted, spent, returned FROM lease WHERE campaign = ?1 AND log = ?2
