SELECT body_hash, status, response FROM request WHERE kind = ?1 AND key = ?2
