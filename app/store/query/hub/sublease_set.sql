INSERT INTO sublease (hub_epoch, campaign, terminal, epoch, granted, returned, spent, demand_milli, demand_us, lacks_us,
    granted_minor, returned_minor, spent_minor)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT (hub_epoch, campaign, terminal, epoch) DO UPDATE SET granted = excluded.granted, returned = excluded.returned,
    spent = excluded.spent, demand_milli = excluded.demand_milli, demand_us = excluded.demand_us, lacks_us = excluded.lacks_us,
    granted_minor = excluded.granted_minor, returned_minor = excluded.returned_minor, spent_minor = excluded.spent_minor
