SELECT l.id, l.terminal, l.epoch, t.store, l.sign_key
FROM log l JOIN terminal t ON t.id = l.terminal
WHERE l.state = 1 ORDER BY l.terminal
