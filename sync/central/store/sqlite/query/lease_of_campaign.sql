SELECT l.terminal, l.epoch, l.state, a.granted, a.spent, a.returned
FROM lease a JOIN log l ON l.id = a.log WHERE a.campaign = ?1 ORDER BY a.log
