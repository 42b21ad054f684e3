INSERT INTO batch (terminal, epoch, first_seq, last_seq, at_us, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
