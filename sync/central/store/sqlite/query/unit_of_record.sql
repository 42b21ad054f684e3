SELECT id, source, cost_minor FROM redemption WHERE record = ?1 AND campaign = ?2 AND idx = 4294967295
