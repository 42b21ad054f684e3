UPDATE value_hold SET state = ?2, record = ?3, sub = NULL WHERE id = ?1
