INSERT INTO api_key (hash, role, name, made_us, used_us, revoked_us) VALUES (?1, ?2, ?3, ?4, 0, 0)
