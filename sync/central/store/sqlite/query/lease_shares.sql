SELECT a.log, l.terminal, l.epoch, t.store FROM lease a JOIN log l ON l.id = a.log JOIN terminal t ON t.id = l.terminal
WHERE a.campaign = ?1 AND l.state = 1 AND a.per_day > 0 ORDER BY a.log
