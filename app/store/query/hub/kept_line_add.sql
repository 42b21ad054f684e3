INSERT INTO kept_line (line_no, qty_milli, request_key) VALUES (?1, ?2, ?3)
