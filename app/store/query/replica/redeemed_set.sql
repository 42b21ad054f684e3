INSERT OR REPLACE INTO redeemed (campaign, page, bits) VALUES (?1, ?2, ?3)
