INSERT OR REPLACE INTO till_grant (grant_id, cose) VALUES (?1, ?2)
