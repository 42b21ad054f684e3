INSERT OR REPLACE INTO campaign (id, entry) VALUES (?1, ?2)
