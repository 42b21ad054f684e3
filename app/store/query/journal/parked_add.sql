INSERT INTO parked (label, n, body, sum) VALUES (?1, ?2, ?3, ?4)
