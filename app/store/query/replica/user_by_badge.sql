SELECT entry FROM user WHERE badge = ?1 ORDER BY user LIMIT 1
