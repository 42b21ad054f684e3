SELECT until, entry FROM product_was WHERE store = ?1 AND id = ?2 ORDER BY until DESC LIMIT 16
