SELECT id, log, kind, account, sub, amount, points, state FROM value_hold WHERE key = ?1
