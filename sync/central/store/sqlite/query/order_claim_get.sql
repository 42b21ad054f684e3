SELECT log, number, generation, state FROM shop_order_claim WHERE key = ?1
