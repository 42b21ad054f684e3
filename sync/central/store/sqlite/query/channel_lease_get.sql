SELECT granted, spent, returned FROM channel_lease WHERE campaign = ?1 AND channel = ?2
