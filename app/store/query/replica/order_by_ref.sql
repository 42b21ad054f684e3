SELECT entry FROM shop_order WHERE terminal = ?1 AND epoch = ?2 AND seq = ?3
