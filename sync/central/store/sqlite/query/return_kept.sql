SELECT l.line, sum(l.qty_milli) FROM return_claim c JOIN return_claim_line l ON l.key = c.key
WHERE c.sale = ?1 AND c.state = 1 AND c.log <> ?2 GROUP BY l.line ORDER BY l.line
