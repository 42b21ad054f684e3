SELECT c.id, c.kind, c.campaign, c.idx, c.at_us, c.loser, c.state, c.member, u.id, COALESCE(u.cost_minor, v.cost_minor), c.record, k.redemption
FROM conflict c LEFT JOIN redemption u ON u.id = c.redemption
LEFT JOIN coupon k ON c.kind = 1 AND k.campaign = c.campaign AND k.idx = c.idx
LEFT JOIN redemption f ON f.id = k.redemption
LEFT JOIN log l ON l.id = c.record >> 40
LEFT JOIN terminal tu ON tu.id = COALESCE(u.place, l.terminal)
LEFT JOIN terminal tf ON tf.id = f.place
LEFT JOIN visit_given v ON c.kind = 8 AND v.record = c.record AND v.campaign = c.campaign
WHERE c.id > ?1 AND (?2 = 0 OR tu.store = ?2 OR tf.store = ?2) AND (?3 = 0 OR c.campaign = ?3) AND (?4 = 0 OR c.state = 1)
ORDER BY c.id LIMIT 1000
