UPDATE terminal SET epoch = ?2 WHERE id = ?1
