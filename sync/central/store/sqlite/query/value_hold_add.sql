INSERT INTO value_hold (key, log, kind, account, sub, amount, points, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
