SELECT body FROM (SELECT id, type, body FROM record WHERE id < ?2 AND id >= ?1 ORDER BY id DESC LIMIT 4096)
WHERE type = 12 AND body IS NOT NULL ORDER BY id DESC
