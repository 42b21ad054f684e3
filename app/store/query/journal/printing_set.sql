INSERT OR REPLACE INTO printing (seq, state, sum) VALUES (?1, ?2, ?3)
