UPDATE value_hold SET sub = NULL WHERE sub = ?1
