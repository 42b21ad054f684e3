INSERT INTO day_count (campaign, day, n) VALUES (?1, ?2, ?3)
ON CONFLICT (campaign, day) DO UPDATE SET n = n + excluded.n
