INSERT OR REPLACE INTO result (seq, rc, text) VALUES (?1, ?2, ?3)
