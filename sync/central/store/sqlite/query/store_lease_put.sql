INSERT INTO store_lease (campaign, hub, granted, spent) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (campaign, hub) DO UPDATE SET granted = excluded.granted, spent = excluded.spent
