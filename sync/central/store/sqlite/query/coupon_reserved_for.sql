SELECT COUNT(*) FROM coupon WHERE campaign = ?1 AND sub = ?2 AND reserved > 0
