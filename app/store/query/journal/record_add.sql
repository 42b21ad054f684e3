INSERT INTO record (seq, boot_id, mono_ms, wall_ms, time_quality, down_cursor, type, salt, body, body_hash, hash)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
