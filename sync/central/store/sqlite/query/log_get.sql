SELECT id, sign_key, state, seq, head, reported_seq FROM log WHERE terminal = ?1 AND epoch = ?2
