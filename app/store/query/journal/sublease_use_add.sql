INSERT INTO sublease_use (campaign, hub_epoch, spent) VALUES (?1, ?2, 1)
ON CONFLICT (campaign, hub_epoch) DO UPDATE SET spent = spent + 1
