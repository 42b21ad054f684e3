INSERT OR IGNORE INTO released_key (request_key) VALUES (?1)
