SELECT account, kind, granted_minor, keep_minor, exp_s FROM home_value WHERE epoch = ?2 AND account = ?1
