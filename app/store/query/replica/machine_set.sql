INSERT INTO machine (kind, entry) VALUES (?1, ?2) ON CONFLICT (kind) DO UPDATE SET entry = excluded.entry
