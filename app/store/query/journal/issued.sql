SELECT count, last FROM issued WHERE grant_id = ?1
