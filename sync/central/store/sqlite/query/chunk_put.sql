INSERT INTO down_chunk (topic, hash, scope, version, content) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (topic, scope, hash) DO UPDATE SET version = excluded.version
