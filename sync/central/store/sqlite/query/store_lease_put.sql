INSERT INTO store_lease (campaign, hub, granted, spent, returned, granted_minor, spent_minor, returned_minor, per_day, keep, demand_milli,
                   demand_minor, demand_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT (campaign, hub) DO UPDATE SET granted = excluded.granted, spent = excluded.spent, returned = excluded.returned,
    granted_minor = excluded.granted_minor, spent_minor = excluded.spent_minor, returned_minor = excluded.returned_minor,
    per_day = excluded.per_day, keep = excluded.keep, demand_milli = excluded.demand_milli,
    demand_minor = excluded.demand_minor, demand_us = excluded.demand_us
