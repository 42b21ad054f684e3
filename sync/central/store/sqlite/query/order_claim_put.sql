INSERT INTO shop_order_claim (key, log, number, generation, state) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (key) DO UPDATE SET state = ?5
