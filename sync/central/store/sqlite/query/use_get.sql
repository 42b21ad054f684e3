SELECT u.id, u.place, u.record, u.request_key, u.source, u.at_us, u.n, u.cost_minor, l.epoch, r.mono_ms, r.wall_ms,
       r.time_quality, b.first_seq, b.last_seq, b.boot_id, b.first_mono_ms, b.last_mono_ms, b.anchor_mono_ms,
       b.anchor_wall_ms, b.lo_offset_ms, b.hi_offset_ms, b.received_offset_ms
FROM redemption u LEFT JOIN log l ON l.id = u.record >> 40 LEFT JOIN record r ON r.id = u.record
LEFT JOIN boot b ON b.id = u.boot
WHERE u.id = ?1
