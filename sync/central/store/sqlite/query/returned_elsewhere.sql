SELECT l.line, sum(l.qty_milli) FROM sale_return r JOIN sale_return_line l ON l.ret = r.id
WHERE r.sale = ?1 AND r.state = 2 AND r.id >> 40 <> ?2 GROUP BY l.line ORDER BY l.line
