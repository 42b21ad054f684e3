INSERT INTO boot (log, first_seq, last_seq, boot_id, first_mono_ms, last_mono_ms, anchor_mono_ms, anchor_wall_ms,
                  lo_offset_ms, hi_offset_ms, received_offset_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
