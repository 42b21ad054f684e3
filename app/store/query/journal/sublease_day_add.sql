INSERT INTO sublease_day (campaign, hub_epoch, day, spent) VALUES (?1, ?2, ?3, 1)
ON CONFLICT (campaign, hub_epoch, day) DO UPDATE SET spent = spent + 1
