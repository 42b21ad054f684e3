SELECT p.label, p.steps, n.body, n.sum FROM (SELECT label, count(*) AS steps FROM parked GROUP BY label) AS p
LEFT JOIN parked_note AS n ON n.label = p.label ORDER BY p.label
