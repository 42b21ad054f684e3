UPDATE sale_return SET excess = ?2 WHERE id = ?1
