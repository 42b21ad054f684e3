INSERT INTO shop_order_number (at_us) VALUES (?1)
