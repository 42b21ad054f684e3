INSERT INTO return_claim_line (key, line, qty_milli) VALUES (?1, ?2, ?3)
