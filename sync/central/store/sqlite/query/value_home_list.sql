SELECT l.terminal, l.epoch, l.state, h.granted, h.spent, h.returned, h.keep FROM value_home h JOIN log l ON l.id = h.log
WHERE h.account = ?1 ORDER BY l.terminal, l.epoch
