SELECT hash FROM step WHERE seq = ?1
