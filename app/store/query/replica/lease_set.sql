INSERT INTO lease (campaign, epoch, granted) VALUES (?1, ?2, ?3)
ON CONFLICT (campaign, epoch) DO UPDATE SET granted = max(granted, excluded.granted)
