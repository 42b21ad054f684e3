SELECT terminal, expires_us, used_us FROM enrolment WHERE secret_hash = ?1
