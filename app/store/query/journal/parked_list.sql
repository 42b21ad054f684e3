SELECT label, count(*) FROM parked GROUP BY label ORDER BY label
