INSERT INTO machine_logs (terminal, asked_us, until_us) VALUES (?1, ?2, ?3)
