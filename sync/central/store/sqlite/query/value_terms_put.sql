UPDATE value_terms SET cards_per_terminal = ?1, valid_days = ?2, points = ?3, minor = ?4, next_account = ?5 WHERE only = 1
