SELECT t.store, coalesce(w.reason, ''), count(*), sum(r.is_void), sum(r.total_minor)
FROM sale_return r
JOIN log l ON l.id = r.id >> 40
JOIN terminal t ON t.id = l.terminal
LEFT JOIN return_reason w ON w.id = r.id
WHERE ?1 = 0 OR t.store = ?1
GROUP BY t.store, coalesce(w.reason, '')
ORDER BY t.store, count(*) DESC, 2
LIMIT 1000
