SELECT id, source, cost_minor FROM redemption WHERE record = ?1 AND id IN (
    SELECT redemption FROM coupon WHERE campaign = ?2 AND idx = ?3
    UNION SELECT redemption FROM conflict WHERE campaign = ?2 AND idx = ?3 AND redemption IS NOT NULL)
ORDER BY id LIMIT 1
