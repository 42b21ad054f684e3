INSERT INTO sublease (campaign, epoch, hub_epoch, granted, keep, granted_minor, day, day_granted) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (campaign, epoch, hub_epoch) DO UPDATE SET granted = max(granted, excluded.granted), keep = excluded.keep,
    granted_minor = max(granted_minor, excluded.granted_minor), day = excluded.day, day_granted = excluded.day_granted
