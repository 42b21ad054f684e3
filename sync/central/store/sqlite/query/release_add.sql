INSERT INTO release (version, hardware, size, hash, schema, readable_from, made_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
