SELECT id, first_seq, last_seq, boot_id, first_mono_ms, last_mono_ms, anchor_mono_ms, anchor_wall_ms, lo_offset_ms,
       hi_offset_ms, received_offset_ms
FROM boot WHERE log = ?1 AND first_seq <= ?2 ORDER BY first_seq DESC LIMIT 1
