-- The lowest that any list says a product costs, whomever and whenever it holds for.
SELECT p.list, l.priority, l.reduced, l.tiers, l.from_us, l.to_us, p.price_minor
FROM listed_price AS p JOIN price_list AS l ON l.list = p.list AND l.part = p.part
WHERE p.product = ?1
ORDER BY p.price_minor, p.list, p.part LIMIT 1
