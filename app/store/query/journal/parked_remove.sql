DELETE FROM parked WHERE label = ?1
