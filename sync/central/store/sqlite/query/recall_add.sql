INSERT INTO recall (campaign, idx, generation, log, sale, version, heard) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
