INSERT OR REPLACE INTO shop_order (number, entry) VALUES (?1, ?2)
