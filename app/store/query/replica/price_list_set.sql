INSERT INTO price_list (list, part, priority, reduced, tiers, from_us, to_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (list, part) DO UPDATE SET priority = excluded.priority, reduced = excluded.reduced, tiers = excluded.tiers,
    from_us = excluded.from_us, to_us = excluded.to_us
