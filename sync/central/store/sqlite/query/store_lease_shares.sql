SELECT a.hub, h.store, h.epoch, h.log, l.terminal FROM store_lease a JOIN hub h ON h.id = a.hub JOIN log l ON l.id = h.log
WHERE a.campaign = ?1 AND h.state = 1 AND a.per_day > 0 ORDER BY a.hub
