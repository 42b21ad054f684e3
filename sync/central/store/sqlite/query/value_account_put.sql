INSERT INTO value_account (id, kind, currency, exp_s, blocked, origin, issued, balance, homed, held, spent, over, at_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, currency = excluded.currency, exp_s = excluded.exp_s,
    blocked = excluded.blocked, origin = excluded.origin, issued = excluded.issued, balance = excluded.balance,
    homed = excluded.homed, held = excluded.held, spent = excluded.spent, over = excluded.over
