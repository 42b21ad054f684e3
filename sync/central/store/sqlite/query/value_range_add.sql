INSERT INTO value_range (id, log, first, last, exp_s, issued, cose) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)
