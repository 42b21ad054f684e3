SELECT product FROM product_code WHERE store = ?1 AND code = ?2
