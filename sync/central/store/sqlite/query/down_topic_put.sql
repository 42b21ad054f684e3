INSERT INTO down_topic (topic, scope, version, digest) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (topic, scope) DO UPDATE SET version = excluded.version, digest = excluded.digest
