INSERT INTO points (cause, ref, sub, points, at_us) VALUES (?1, ?2, ?3, ?4, ?5)
