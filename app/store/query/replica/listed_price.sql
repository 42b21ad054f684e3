-- What lists say a product costs, the weightiest first.
SELECT p.list, l.priority, l.reduced, l.tiers, l.from_us, l.to_us, p.price_minor
FROM listed_price AS p JOIN price_list AS l ON l.list = p.list AND l.part = p.part
WHERE p.product = ?1
ORDER BY l.priority DESC, p.list, p.part LIMIT ?2
