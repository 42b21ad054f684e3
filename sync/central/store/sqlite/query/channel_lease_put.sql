INSERT INTO channel_lease (campaign, channel, granted, spent, returned) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (campaign, channel) DO UPDATE SET granted = excluded.granted, spent = excluded.spent, returned = excluded.returned
