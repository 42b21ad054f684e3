INSERT INTO member_sale (sub, seq) VALUES (?1, ?2)
