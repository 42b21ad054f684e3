SELECT o.number, o.state, o.body, o.member, o.at_us, o.reference, o.online_only, o.terminal, o.recall_to, o.recall_version,
       r.state, r.asking
FROM shop_order o LEFT JOIN order_request r ON r.number = o.number
WHERE o.number > ?1 AND (?2 = 0 OR o.store = ?2) AND (?3 = 0 OR o.state = ?3) AND (?4 = 0 OR r.state = ?4)
ORDER BY o.number LIMIT 200
