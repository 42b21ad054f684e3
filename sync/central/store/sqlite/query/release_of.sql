SELECT number FROM release WHERE hash = ?1
