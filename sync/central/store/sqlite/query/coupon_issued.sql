INSERT INTO coupon (campaign, idx, sub, exp_s, home, generation, released, reserved, state, origin, redemption, at_us)
VALUES (?1, ?2, NULL, ?3, NULL, 0, -1, 0, 1, 2, NULL, ?4)
ON CONFLICT (campaign, idx) DO UPDATE SET origin = 2, exp_s = excluded.exp_s
