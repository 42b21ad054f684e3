DELETE FROM product_code WHERE store = ?1 AND code = ?2 AND product = ?3
