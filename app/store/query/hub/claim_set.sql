INSERT OR REPLACE INTO claim (campaign, number, terminal, epoch, seq, request_key, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
