INSERT INTO record (id, hash, type, rc, wall_ms, mono_ms, time_quality, down_cursor, boot_id, salt, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
