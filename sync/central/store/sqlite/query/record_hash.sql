SELECT hash FROM record WHERE id = ?1
