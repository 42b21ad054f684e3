SELECT COUNT(*) FROM campaign c
LEFT JOIN (SELECT a.campaign, SUM(a.granted - a.spent - a.returned) AS n FROM lease a JOIN log l ON l.id = a.log
           WHERE l.state = 1 GROUP BY a.campaign) leased ON leased.campaign = c.id
LEFT JOIN (SELECT s.campaign, SUM(s.granted - s.spent) AS n FROM store_lease s JOIN hub h ON h.id = s.hub
           WHERE h.state = 1 GROUP BY s.campaign) stores ON stores.campaign = c.id
LEFT JOIN (SELECT campaign, COUNT(*) AS n FROM coupon WHERE home > 0 AND reserved = 1 GROUP BY campaign) kept
    ON kept.campaign = c.id
LEFT JOIN (SELECT campaign, COUNT(*) AS n FROM redemption WHERE source BETWEEN 1 AND 5 GROUP BY campaign) used
    ON used.campaign = c.id
WHERE c.outstanding <> COALESCE(leased.n, 0) + COALESCE(stores.n, 0) + COALESCE(kept.n, 0)
   OR c.spent <> COALESCE(used.n, 0) + c.charged
