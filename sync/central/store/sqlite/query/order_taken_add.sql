INSERT INTO shop_order_taken (record, number, generation, body, at_us, conflict) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
