SELECT sub, exp_s, home, home_epoch, generation, released, reserved, state, origin, redemption, at_us
FROM coupon WHERE campaign = ?1 AND idx = ?2
