SELECT n, body, sum FROM parked WHERE label = ?1 ORDER BY n
