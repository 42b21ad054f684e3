SELECT l.terminal, l.epoch, s.terminal, s.epoch, r.sale, r.total_minor
FROM sale_return r JOIN log l ON l.id = r.id >> 40 JOIN log s ON s.id = r.sale >> 40 WHERE r.id = ?1
