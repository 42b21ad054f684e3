SELECT COALESCE(SUM(n), 0) FROM member_day WHERE campaign = ?1 AND sub = ?2 AND day >= ?3
