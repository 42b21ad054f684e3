SELECT cards_per_terminal, valid_days, points, minor, next_account FROM value_terms WHERE only = 1
