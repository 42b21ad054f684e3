INSERT OR REPLACE INTO request (number, terminal, epoch, seq, open, entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
