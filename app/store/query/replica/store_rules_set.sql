INSERT INTO store_rules (only, entry) VALUES (1, ?1) ON CONFLICT (only) DO UPDATE SET entry = excluded.entry
