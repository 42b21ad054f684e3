INSERT OR REPLACE INTO chunk (topic, hash, content) VALUES (?1, ?2, ?3)
