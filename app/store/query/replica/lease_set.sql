INSERT INTO lease (campaign, epoch, granted, granted_minor, per_day, keep) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (campaign, epoch) DO UPDATE SET granted = max(granted, excluded.granted),
    granted_minor = max(granted_minor, excluded.granted_minor), per_day = excluded.per_day, keep = excluded.keep
