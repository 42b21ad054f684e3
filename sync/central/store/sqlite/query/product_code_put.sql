INSERT INTO product_code (store, code, product) VALUES (?1, ?2, ?3)
ON CONFLICT (store, code) DO UPDATE SET product = excluded.product
