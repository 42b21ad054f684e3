INSERT INTO sublease (campaign, epoch, hub_epoch, granted, keep) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (campaign, epoch, hub_epoch) DO UPDATE SET granted = max(granted, excluded.granted), keep = excluded.keep
