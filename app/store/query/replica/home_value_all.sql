SELECT account, kind, granted_minor, keep_minor, exp_s FROM home_value WHERE epoch = ?1 ORDER BY account
