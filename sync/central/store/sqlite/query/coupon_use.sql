UPDATE coupon SET state = 2, redemption = ?3 WHERE campaign = ?1 AND idx = ?2
