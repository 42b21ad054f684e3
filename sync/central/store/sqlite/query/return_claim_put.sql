INSERT INTO return_claim (key, log, sale, state) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (key) DO UPDATE SET state = ?4
