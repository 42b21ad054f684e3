INSERT OR REPLACE INTO told (terminal, epoch, seq, at_ms, body, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
