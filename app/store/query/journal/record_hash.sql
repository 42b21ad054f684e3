SELECT hash FROM record WHERE seq = ?1
