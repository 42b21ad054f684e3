SELECT bits FROM redeemed WHERE campaign = ?1 AND page = ?2
