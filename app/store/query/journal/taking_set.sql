INSERT OR REPLACE INTO taking (request_key, body, sum) VALUES (?1, ?2, ?3)
