UPDATE taken SET sub = NULL WHERE sub = ?1
