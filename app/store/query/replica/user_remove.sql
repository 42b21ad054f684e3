DELETE FROM user WHERE user = ?1
