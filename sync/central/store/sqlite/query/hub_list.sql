SELECT h.id, h.epoch, l.terminal, l.epoch, h.host, h.port, h.state, h.assigned_us
FROM hub h JOIN log l ON l.id = h.log WHERE h.store = ?1 ORDER BY h.epoch
