INSERT INTO sublease_day (hub_epoch, campaign, day, terminal, epoch, granted) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (hub_epoch, campaign, day, terminal, epoch) DO UPDATE SET granted = excluded.granted
