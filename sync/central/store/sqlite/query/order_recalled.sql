SELECT number FROM shop_order WHERE state = 4 AND store = ?1 AND recall_version <= ?2 ORDER BY number LIMIT 64
