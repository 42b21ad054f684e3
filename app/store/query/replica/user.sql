SELECT entry FROM user WHERE user = ?1
