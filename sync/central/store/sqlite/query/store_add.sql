INSERT INTO store (id, entry) VALUES (?1, ?2)
