INSERT OR REPLACE INTO member_counter (sub, counter) VALUES (?1, ?2)
