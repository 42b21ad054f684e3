INSERT OR REPLACE INTO state (only, head_seq, head_hash, last_sale_no, last_z_no, last_z_seq)
VALUES (1, ?1, ?2, ?3, ?4, ?5)
