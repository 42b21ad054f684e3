SELECT record.boot_id, record.mono_ms, record.wall_ms, record.body FROM session JOIN record ON record.seq = session.seq WHERE session.only = 1
