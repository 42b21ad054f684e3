INSERT INTO terminal (id, store, label, epoch) VALUES (?1, ?2, ?3, 0)
