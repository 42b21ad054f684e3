INSERT INTO return_reason (id, reason) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING
