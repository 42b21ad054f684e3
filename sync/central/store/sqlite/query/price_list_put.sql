INSERT INTO price_list (store, list, parts, name, prices, from_us, to_us, tiers, priority, reduced)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (store, list) DO UPDATE SET parts = max(parts, excluded.parts), name = excluded.name, prices = excluded.prices,
    from_us = excluded.from_us, to_us = excluded.to_us, tiers = excluded.tiers, priority = excluded.priority,
    reduced = excluded.reduced
