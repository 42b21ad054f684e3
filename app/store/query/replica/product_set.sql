INSERT OR REPLACE INTO product (id, entry) VALUES (?1, ?2)
