SELECT entry FROM request WHERE open = 1 AND number > ?1 ORDER BY number LIMIT ?2
