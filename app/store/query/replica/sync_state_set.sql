INSERT OR REPLACE INTO sync_state (only, sent_seq, acknowledged_seq, acknowledged_head, down_cursor, fenced,
    has_time, centre_wall_us, local_wall_us, local_mono_us, boot_id, last_contact_us)
VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
