UPDATE sale_return SET state = ?2 WHERE id = ?1
