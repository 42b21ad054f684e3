SELECT campaign, idx, generation, source, record FROM redemption WHERE id = ?1
