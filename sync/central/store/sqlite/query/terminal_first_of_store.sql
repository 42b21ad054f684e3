SELECT id, label FROM terminal WHERE store = ?1 AND epoch > 0 ORDER BY id LIMIT 1
