INSERT INTO campaign_version (campaign, version, entry) VALUES (?1, ?2, ?3)
