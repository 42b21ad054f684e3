UPDATE boot SET last_seq = ?2, last_mono_ms = ?3, anchor_mono_ms = ?4, anchor_wall_ms = ?5, lo_offset_ms = ?6,
    hi_offset_ms = ?7, received_offset_ms = ?8
WHERE id = ?1
