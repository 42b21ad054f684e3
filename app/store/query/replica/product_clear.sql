DELETE FROM product
