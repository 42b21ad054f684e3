INSERT INTO revoked (campaign, idx, sale) VALUES (?1, ?2, ?3) ON CONFLICT (campaign, idx) DO NOTHING
