INSERT INTO version_sold (campaign, version, n, discount_minor) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (campaign, version) DO UPDATE SET n = n + excluded.n, discount_minor = discount_minor + excluded.discount_minor
