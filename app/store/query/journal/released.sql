SELECT generation FROM released WHERE campaign = ?1 AND number = ?2
