INSERT OR REPLACE INTO printing (seq, sum) VALUES (?1, ?2)
