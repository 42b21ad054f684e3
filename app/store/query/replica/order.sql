SELECT entry FROM shop_order WHERE number = ?1
