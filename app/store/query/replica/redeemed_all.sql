SELECT page, bits FROM redeemed WHERE campaign = ?1 ORDER BY page
