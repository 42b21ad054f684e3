INSERT OR REPLACE INTO shop_order (number, entry, terminal, epoch, seq) VALUES (?1, ?2, ?3, ?4, ?5)
