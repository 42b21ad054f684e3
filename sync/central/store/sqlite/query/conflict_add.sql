INSERT INTO conflict (campaign, idx, first_redemption, second_redemption, at_us) VALUES (?1, ?2, ?3, ?4, ?5)
