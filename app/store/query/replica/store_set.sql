INSERT OR REPLACE INTO store (only, entry) VALUES (1, ?1)
