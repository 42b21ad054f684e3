INSERT INTO day_use (campaign, day, spent) VALUES (?1, ?2, 1)
ON CONFLICT (campaign, day) DO UPDATE SET spent = spent + 1
