SELECT entry FROM product WHERE id = ?1
