SELECT campaign, idx, exp_s, home, generation, state FROM coupon WHERE sub = ?1 ORDER BY campaign, idx
