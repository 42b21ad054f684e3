UPDATE record SET salt = NULL, body = NULL WHERE seq = ?1
