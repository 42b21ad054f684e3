SELECT body FROM record WHERE type = 10 ORDER BY seq LIMIT 1
