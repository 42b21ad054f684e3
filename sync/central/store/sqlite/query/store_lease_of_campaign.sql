SELECT h.store, h.epoch, h.state, a.granted, a.spent, a.returned, a.granted_minor, a.spent_minor, a.returned_minor, a.per_day, a.keep
FROM store_lease a JOIN hub h ON h.id = a.hub WHERE a.campaign = ?1 ORDER BY h.id
