INSERT INTO member_day (campaign, sub, day, n) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (campaign, sub, day) DO UPDATE SET n = n + excluded.n
