UPDATE record SET salt = NULL, body = ?3, body_hash = coalesce(body_hash, ?2) WHERE id = ?1
