SELECT entry FROM store_rules WHERE store = ?1
