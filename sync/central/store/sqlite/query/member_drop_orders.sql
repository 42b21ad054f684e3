UPDATE shop_order SET member = NULL WHERE member = ?1
