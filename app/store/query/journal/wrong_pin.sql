SELECT wrong_pin.count, record.boot_id, record.mono_ms FROM wrong_pin JOIN record ON record.seq = wrong_pin.seq WHERE wrong_pin.user = ?1
