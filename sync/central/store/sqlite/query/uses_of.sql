SELECT id, COALESCE(record, 0) FROM redemption WHERE campaign = ?1 AND idx = ?2 AND source > 0 ORDER BY id
