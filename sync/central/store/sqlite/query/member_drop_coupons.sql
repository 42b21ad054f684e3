UPDATE coupon SET sub = NULL WHERE sub = ?1
