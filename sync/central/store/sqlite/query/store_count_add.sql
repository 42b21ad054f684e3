INSERT INTO store_count (campaign, store, n) VALUES (?1, ?2, ?3)
ON CONFLICT (campaign, store) DO UPDATE SET n = n + excluded.n
