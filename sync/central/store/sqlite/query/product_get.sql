SELECT p.gone, e.entry FROM product p
JOIN down_entry e ON e.topic = 2 AND e.scope = p.store AND e.version = p.version
WHERE p.store = ?1 AND p.id = ?2
