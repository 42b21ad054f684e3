SELECT 1 FROM receipt WHERE seq = ?1
