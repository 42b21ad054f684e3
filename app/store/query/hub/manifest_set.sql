INSERT OR REPLACE INTO manifest (topic, version, content) VALUES (?1, ?2, ?3)
