INSERT INTO quote_used (terminal, epoch, seq, by) VALUES (?1, ?2, ?3, ?4)
