INSERT INTO step (n, body, sum) VALUES (?1, ?2, ?3)
