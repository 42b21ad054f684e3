INSERT OR REPLACE INTO sublease (hub_epoch, campaign, terminal, epoch, granted, returned, spent, demand_milli, demand_us, lacks_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
