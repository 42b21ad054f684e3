INSERT INTO enrolment (secret_hash, terminal, expires_us) VALUES (?1, ?2, ?3)
