SELECT channel, granted, spent, returned FROM channel_lease WHERE campaign = ?1 ORDER BY channel
