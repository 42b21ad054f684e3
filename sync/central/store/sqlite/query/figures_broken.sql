SELECT COUNT(*) FROM campaign c
WHERE c.outstanding <> (SELECT COALESCE(SUM(a.granted - a.spent - a.returned), 0) FROM lease a
                        JOIN log l ON l.id = a.log WHERE a.campaign = c.id AND l.state = 1)
                       + (SELECT COUNT(*) FROM coupon o WHERE o.campaign = c.id AND o.reserved = 1)
   OR c.spent <> (SELECT COUNT(*) FROM redemption r WHERE r.campaign = c.id AND r.source > 0)
