SELECT user, count, seq FROM wrong_pin ORDER BY user
