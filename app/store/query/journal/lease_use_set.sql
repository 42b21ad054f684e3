INSERT OR REPLACE INTO lease_use (campaign, spent, returned, spent_minor, returned_minor) VALUES (?1, ?2, ?3, ?4, ?5)
