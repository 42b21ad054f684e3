INSERT OR REPLACE INTO lease_use (campaign, spent, returned) VALUES (?1, ?2, ?3)
