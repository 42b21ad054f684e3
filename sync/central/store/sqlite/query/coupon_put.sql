INSERT INTO coupon (campaign, idx, sub, exp_s, home, home_epoch, generation, released, reserved, state, origin, redemption,
    at_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT (campaign, idx) DO UPDATE SET sub = excluded.sub, exp_s = excluded.exp_s, home = excluded.home,
    home_epoch = excluded.home_epoch, generation = excluded.generation, released = excluded.released,
    reserved = excluded.reserved, state = excluded.state, origin = excluded.origin, redemption = excluded.redemption,
    at_us = excluded.at_us
