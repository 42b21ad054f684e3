INSERT INTO refused_request (key, terminal, rc) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO NOTHING
