INSERT INTO kept (terminal, epoch, of_terminal, of_epoch, of_seq, at_us, request_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
