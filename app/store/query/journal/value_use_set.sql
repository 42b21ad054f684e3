INSERT OR REPLACE INTO value_use (account, kind, issued_minor, spent_minor, released_minor, exp_s, seq)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
