SELECT seq, wall_ms, body FROM record WHERE type = 15 AND body IS NOT NULL ORDER BY seq DESC LIMIT ?1
