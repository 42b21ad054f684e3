SELECT record FROM shop_order_taken WHERE number = ?1 AND generation = ?2 AND conflict = 0 LIMIT 1
