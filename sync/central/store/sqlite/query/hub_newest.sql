SELECT COALESCE(MAX(epoch), 0) FROM hub WHERE store = ?1
