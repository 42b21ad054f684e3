SELECT id, at_us, place, record FROM redemption WHERE campaign = ?1 AND idx = ?2 ORDER BY id
