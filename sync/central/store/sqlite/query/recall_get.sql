SELECT heard FROM recall WHERE campaign = ?1 AND idx = ?2 AND generation = ?3
