SELECT count(*) FROM log l JOIN terminal t ON t.id = l.terminal AND t.epoch = l.epoch
WHERE t.store = ?1 AND l.id <> ?2 AND l.state = 1 AND l.cursor < ?3
