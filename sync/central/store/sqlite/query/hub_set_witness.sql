UPDATE hub SET witness = ?2 WHERE id = ?1
