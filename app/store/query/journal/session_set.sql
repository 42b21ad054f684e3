INSERT OR REPLACE INTO session (only, seq) VALUES (1, ?1)
