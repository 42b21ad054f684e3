SELECT sub, exp_s, home, generation, released, reserved, state, origin, redemption, at_us
FROM coupon WHERE campaign = ?1 AND idx = ?2
