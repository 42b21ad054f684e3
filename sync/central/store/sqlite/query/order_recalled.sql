SELECT number FROM shop_order WHERE state = 4 AND store = ?1 AND recall_version <= ?2 AND home IN (0, ?1, ?3) AND number > ?4
ORDER BY number LIMIT 64
