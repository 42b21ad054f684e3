SELECT account, kind, issued_minor, spent_minor, released_minor, exp_s, seq FROM value_use WHERE account = ?1
