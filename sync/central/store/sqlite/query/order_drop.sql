DELETE FROM shop_order WHERE number = ?1
