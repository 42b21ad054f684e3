SELECT a.hub, h.store, h.epoch, h.log, l.terminal FROM store_lease a JOIN hub h ON h.id = a.hub JOIN log l ON l.id = h.log
WHERE a.campaign = ?1 AND h.state = 1 AND (a.granted > a.spent + a.returned OR a.granted_minor > a.spent_minor + a.returned_minor)
ORDER BY a.hub
