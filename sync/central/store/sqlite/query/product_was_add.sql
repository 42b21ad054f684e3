INSERT INTO product_was (store, id, until, entry)
SELECT p.store, p.id, (SELECT MAX(id) FROM down_entry) + 1, e.entry FROM product p
JOIN down_entry e ON e.topic = 2 AND e.scope = p.store AND e.version = p.version
WHERE p.store = ?1 AND p.id = ?2
ON CONFLICT (store, id, until) DO NOTHING
