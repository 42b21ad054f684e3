INSERT INTO value_home (account, log, granted, spent, returned, keep, own) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (account, log) DO UPDATE SET granted = excluded.granted, spent = excluded.spent, returned = excluded.returned,
    keep = excluded.keep, own = excluded.own
