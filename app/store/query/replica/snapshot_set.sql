INSERT OR REPLACE INTO snapshot (topic, manifest, chunks) VALUES (?1, ?2, ?3)
