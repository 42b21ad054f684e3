SELECT l.terminal, l.epoch, l.state, l.sign_key FROM log l JOIN terminal t ON t.id = l.terminal
WHERE t.store = ?1 ORDER BY l.terminal, l.epoch
