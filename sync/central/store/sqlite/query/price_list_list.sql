SELECT store, list, name, prices, from_us, to_us, tiers, priority, reduced FROM price_list
WHERE store = ?1 OR ?1 = 0 ORDER BY list, store
