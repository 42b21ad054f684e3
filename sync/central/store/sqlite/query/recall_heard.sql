UPDATE recall SET heard = 1 WHERE campaign = ?1 AND idx = ?2 AND generation = ?3
