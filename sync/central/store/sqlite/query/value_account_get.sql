SELECT kind, currency, exp_s, blocked, origin, issued, balance, homed, held, spent, over, at_us FROM value_account WHERE id = ?1
