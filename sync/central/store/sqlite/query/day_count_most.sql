SELECT COALESCE(MAX(n), 0) FROM day_count WHERE campaign = ?1
