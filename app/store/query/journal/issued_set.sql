INSERT OR REPLACE INTO issued (grant_id, count, last) VALUES (?1, ?2, ?3)
