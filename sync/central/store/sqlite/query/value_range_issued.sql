UPDATE value_range SET issued = ?2 WHERE id = ?1 AND issued < ?2
