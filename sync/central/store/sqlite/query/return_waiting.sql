SELECT id FROM sale_return WHERE sale = ?1 AND state = 1 ORDER BY id LIMIT 1
