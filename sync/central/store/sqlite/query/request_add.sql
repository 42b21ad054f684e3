INSERT INTO request (kind, key, body_hash, status, response, at_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
