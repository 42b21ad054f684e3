INSERT INTO claim_count (campaign, sub, n) VALUES (?1, ?2, 1)
ON CONFLICT (campaign, sub) DO UPDATE SET n = n + 1 RETURNING n
