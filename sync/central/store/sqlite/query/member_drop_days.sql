DELETE FROM member_day WHERE sub = ?1
