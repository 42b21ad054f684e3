SELECT r.id, r.salt, r.body FROM quote q JOIN record r ON r.id = q.id WHERE q.member = ?1 ORDER BY r.id
