INSERT OR REPLACE INTO sublease (hub_epoch, campaign, terminal, epoch, granted) VALUES (?1, ?2, ?3, ?4, ?5)
