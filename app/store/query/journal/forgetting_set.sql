INSERT OR REPLACE INTO forgetting (only, marks, seen_seq, sealed_seq, sum) VALUES (1, ?1, ?2, ?3, ?4)
