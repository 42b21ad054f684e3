SELECT l.terminal FROM shop_order_claim c JOIN log l ON l.id = c.log
WHERE c.number = ?1 AND c.generation = ?2 AND c.state = 1 LIMIT 1
