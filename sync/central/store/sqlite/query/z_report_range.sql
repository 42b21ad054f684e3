SELECT id, z_no, business_day, first_seq, last_seq, agrees FROM z_report WHERE id BETWEEN ?1 AND ?2 ORDER BY id
