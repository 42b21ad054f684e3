INSERT INTO channel (id, name, store) VALUES (?1, ?2, ?3)
