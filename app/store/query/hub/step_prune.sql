DELETE FROM step WHERE seq <= ?1
