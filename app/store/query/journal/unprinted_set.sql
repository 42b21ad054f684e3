INSERT OR REPLACE INTO unprinted (seq, state, sum) VALUES (?1, ?2, ?3)
