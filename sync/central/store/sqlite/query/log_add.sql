INSERT INTO log (terminal, epoch, sign_key, state, seq, head, reported_seq, enrolled_us, contact_us, cursor)
VALUES (?1, ?2, ?3, 1, 0, ?4, 0, ?5, ?5, 0) RETURNING id
