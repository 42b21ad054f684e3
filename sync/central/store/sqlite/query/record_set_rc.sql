UPDATE record SET rc = ?2 WHERE id = ?1
