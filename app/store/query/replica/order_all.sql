SELECT entry FROM shop_order ORDER BY number
