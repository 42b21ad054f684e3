SELECT state, body, member, at_us, reference, online_only, terminal, recall_to, recall_version
FROM shop_order WHERE number = ?1
