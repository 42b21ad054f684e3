INSERT INTO returned (of_terminal, of_epoch, of_seq, line_no, terminal, epoch, qty_milli, at_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (of_terminal, of_epoch, of_seq, line_no, terminal, epoch) DO UPDATE SET qty_milli = qty_milli + ?7, at_us = ?8
