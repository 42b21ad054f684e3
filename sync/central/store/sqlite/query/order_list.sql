SELECT number, state, body, member, at_us, reference, online_only, terminal, recall_to, recall_version FROM shop_order
WHERE number > ?1 AND (?2 = 0 OR store = ?2) AND (?3 = 0 OR state = ?3) ORDER BY number LIMIT 200
