SELECT l.terminal, l.epoch, l.state, a.granted, a.spent, a.returned, a.granted_minor, a.spent_minor, a.returned_minor, a.per_day, a.keep
FROM lease a JOIN log l ON l.id = a.log WHERE a.campaign = ?1 ORDER BY a.log
