SELECT document, sum FROM receipt WHERE seq = ?1
