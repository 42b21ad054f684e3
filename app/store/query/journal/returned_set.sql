INSERT OR REPLACE INTO returned (terminal, epoch, seq, line, qty_milli) VALUES (?1, ?2, ?3, ?4, ?5)
