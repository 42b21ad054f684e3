INSERT INTO erasure (mark, sub, version, at_us) VALUES (?1, ?2, ?3, ?4)
