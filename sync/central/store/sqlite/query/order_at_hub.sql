SELECT number FROM shop_order WHERE store = ?1 AND home = ?1 AND state IN (2, 3) ORDER BY number
