INSERT INTO sale_return_line (ret, line, qty_milli) VALUES (?1, ?2, ?3)
