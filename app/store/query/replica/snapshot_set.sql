INSERT INTO snapshot (topic, manifest, chunks) VALUES (?1, ?2, ?3)
ON CONFLICT (topic) DO UPDATE SET manifest = ?2, chunks = ?3
