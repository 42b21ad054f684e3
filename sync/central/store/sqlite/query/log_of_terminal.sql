SELECT id, epoch, state, seq, head, reported_seq, contact_us, cursor FROM log WHERE terminal = ?1 ORDER BY epoch
