SELECT seq, boot_id, mono_ms, wall_ms, time_quality, down_cursor, type, salt, body, body_hash, hash
FROM record WHERE seq >= ?1 ORDER BY seq LIMIT ?2
