INSERT OR REPLACE INTO user (user, badge, entry) VALUES (?1, ?2, ?3)
