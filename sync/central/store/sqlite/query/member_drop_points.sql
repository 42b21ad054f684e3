DELETE FROM points WHERE sub = ?1
