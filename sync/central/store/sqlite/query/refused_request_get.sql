SELECT terminal, rc FROM refused_request WHERE key = ?1
