INSERT INTO down_snapshot (topic, scope, version, manifest) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (topic, scope) DO UPDATE SET version = excluded.version, manifest = excluded.manifest
