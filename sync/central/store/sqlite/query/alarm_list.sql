SELECT a.id, a.at_us, l.terminal, l.epoch, a.record, a.rc, a.text
FROM alarm a LEFT JOIN log l ON l.id = a.record >> 40
WHERE a.id > ?1 ORDER BY a.id LIMIT 1000
