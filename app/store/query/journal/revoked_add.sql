INSERT OR IGNORE INTO revoked (campaign, number, seq) VALUES (?1, ?2, ?3)
