SELECT COALESCE(SUM(dearest_minor), 0)
FROM (SELECT dearest_minor FROM risk_right WHERE campaign = ?1 AND certain = 0 ORDER BY dearest_minor LIMIT ?2)
