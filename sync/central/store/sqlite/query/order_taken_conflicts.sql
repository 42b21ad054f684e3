SELECT count(*) FROM shop_order_taken WHERE number = ?1 AND conflict = 1
