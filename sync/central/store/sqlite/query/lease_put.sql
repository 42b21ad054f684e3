INSERT INTO lease (campaign, log, granted, spent, returned) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (campaign, log) DO UPDATE SET granted = excluded.granted, spent = excluded.spent, returned = excluded.returned
