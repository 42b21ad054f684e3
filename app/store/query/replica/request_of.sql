SELECT number FROM request WHERE terminal = ?1 AND epoch = ?2 AND seq = ?3 LIMIT 1
