SELECT name, device_key, home_store, joined_us, card_exp_s, points, points_ever, tier, counter FROM member WHERE sub = ?1
