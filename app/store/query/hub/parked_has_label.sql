SELECT count(*) FROM parked WHERE state = 1 AND label = ?1
