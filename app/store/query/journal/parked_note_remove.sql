DELETE FROM parked_note WHERE label = ?1
