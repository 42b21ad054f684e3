SELECT account, kind, issued_minor, spent_minor, released_minor, exp_s, seq FROM value_use
WHERE issued_minor > 0 AND issued_minor > spent_minor + released_minor ORDER BY account
