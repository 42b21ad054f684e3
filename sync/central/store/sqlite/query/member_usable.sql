SELECT campaign, count(*) FROM coupon
WHERE sub = ?1 AND state = 1 AND exp_s >= ?2 AND (home IS NULL OR home = ?3 OR home = ?4)
GROUP BY campaign ORDER BY count(*) DESC, campaign LIMIT 64
