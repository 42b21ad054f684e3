SELECT sent_seq, acknowledged_seq, acknowledged_head, down_cursor, fenced, has_time, centre_wall_us,
    local_wall_us, local_mono_us, boot_id, last_contact_us
FROM sync_state WHERE only = 1
