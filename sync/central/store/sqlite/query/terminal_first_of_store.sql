SELECT t.id, t.label, t.epoch FROM terminal t JOIN log l ON l.terminal = t.id AND l.epoch = t.epoch
WHERE t.store = ?1 AND l.state = 1 ORDER BY t.id LIMIT 1
