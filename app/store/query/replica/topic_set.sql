INSERT OR REPLACE INTO topic (topic, version, digest) VALUES (?1, ?2, ?3)
