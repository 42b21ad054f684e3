INSERT INTO quote (id, store, number, at_us, expires_s, total_minor, member) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
