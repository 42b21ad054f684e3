INSERT OR REPLACE INTO keyset (only, cose) VALUES (1, ?1)
