SELECT a.id, a.at_us, l.terminal, l.epoch, COALESCE(a.record, u.record), a.rc, a.text
FROM alarm a LEFT JOIN redemption u ON a.kind BETWEEN 1 AND 4 AND u.id = a.cause
LEFT JOIN log l ON l.id = COALESCE(a.record, u.record) >> 40
WHERE a.id > ?1 ORDER BY a.id LIMIT 1000
