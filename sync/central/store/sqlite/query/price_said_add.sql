INSERT INTO price_said (store, product, list, price_minor) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING
