INSERT OR IGNORE INTO released_key (request_key, at_us) VALUES (?1, ?2)
