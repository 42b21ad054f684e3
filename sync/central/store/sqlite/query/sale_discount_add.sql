INSERT INTO sale_discount (sale, n, campaign, version, redemption, amount_minor) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
