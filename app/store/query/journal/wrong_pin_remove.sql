DELETE FROM wrong_pin WHERE user = ?1
