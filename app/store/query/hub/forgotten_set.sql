INSERT OR REPLACE INTO forgotten (batch, marks, seq) VALUES (?1, ?2, ?3)
