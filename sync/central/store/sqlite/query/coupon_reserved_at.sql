SELECT campaign, idx FROM coupon WHERE home = ?1 AND reserved = 1 ORDER BY campaign, idx
