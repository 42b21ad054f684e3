INSERT INTO step (seq, hash) VALUES (?1, ?2)
