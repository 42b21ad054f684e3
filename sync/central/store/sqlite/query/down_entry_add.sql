INSERT INTO down_entry (topic, scope, version, key, entry, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
