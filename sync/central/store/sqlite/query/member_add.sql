INSERT INTO member (sub, name, device_key, home_store, joined_us, card_exp_s, points, points_ever, tier, counter)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0, 0)
