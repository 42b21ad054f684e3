SELECT a.log, l.terminal, l.epoch, t.store FROM lease a JOIN log l ON l.id = a.log JOIN terminal t ON t.id = l.terminal
WHERE a.campaign = ?1 AND l.state = 1 AND (a.granted > a.spent + a.returned OR a.granted_minor > a.spent_minor + a.returned_minor)
ORDER BY a.log
