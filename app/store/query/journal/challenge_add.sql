INSERT INTO challenge (nonce, sum) VALUES (?1, ?2)
