INSERT OR IGNORE INTO value_block (account) VALUES (?1)
