INSERT INTO z_report (id, z_no, business_day, first_seq, last_seq, agrees) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
