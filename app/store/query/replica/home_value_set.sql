INSERT INTO home_value (account, epoch, kind, granted_minor, keep_minor, exp_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (account, epoch) DO UPDATE SET granted_minor = max(granted_minor, excluded.granted_minor),
    keep_minor = excluded.keep_minor, exp_s = excluded.exp_s
