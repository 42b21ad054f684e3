INSERT INTO store_rules (store, entry) VALUES (?1, ?2) ON CONFLICT (store) DO UPDATE SET entry = excluded.entry
