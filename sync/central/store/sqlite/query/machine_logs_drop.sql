UPDATE machine_logs SET text = NULL WHERE until_us < ?1 AND text IS NOT NULL
