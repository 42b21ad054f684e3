INSERT INTO snapshot_chunk (topic, chunk, content) VALUES (?1, ?2, ?3)
