SELECT r.id, r.excess, l.line, l.qty_milli
FROM (SELECT id, excess, at_ms FROM sale_return WHERE sale = ?1 AND state = 2 ORDER BY at_ms, id LIMIT 256) r
JOIN sale_return_line l ON l.ret = r.id
ORDER BY r.at_ms, r.id, l.line
