INSERT OR IGNORE INTO heard (hub_epoch) VALUES (?1)
