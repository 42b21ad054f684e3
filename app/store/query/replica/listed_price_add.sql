INSERT INTO listed_price (product, list, part, price_minor) VALUES (?1, ?2, ?3, ?4)
