SELECT parts FROM price_list WHERE store = ?1 AND list = ?2
