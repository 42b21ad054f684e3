SELECT 1 FROM parked WHERE label = ?1 LIMIT 1
