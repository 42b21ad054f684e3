SELECT COUNT(*) FROM product WHERE store = ?1 AND gone = 0
