SELECT count(*) FROM shop_order_claim WHERE number = ?1 AND generation = ?2
