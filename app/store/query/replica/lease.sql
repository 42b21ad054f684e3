SELECT granted FROM lease WHERE campaign = ?1 AND epoch = ?2
