SELECT seq, wall_ms, hash, body FROM record WHERE type = 20 AND body IS NOT NULL AND seq < ?1 ORDER BY seq DESC LIMIT ?2
