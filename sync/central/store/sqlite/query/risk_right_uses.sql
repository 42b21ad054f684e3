SELECT COALESCE(SUM(cost_minor), 0), COALESCE(MAX(cost_minor), 0) FROM redemption
WHERE source IN (5, 6) AND (id IN (SELECT redemption FROM conflict WHERE campaign = ?1 AND idx = ?2 AND kind = 1)
                            OR id = (SELECT redemption FROM coupon WHERE campaign = ?1 AND idx = ?2))
