INSERT OR REPLACE INTO store_return (hub_epoch, campaign, units) VALUES (?1, ?2, ?3)
