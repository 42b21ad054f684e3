INSERT INTO sublease (campaign, epoch, hub_epoch, granted) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (campaign, epoch, hub_epoch) DO UPDATE SET granted = max(granted, excluded.granted)
