SELECT r.id, r.salt, r.body FROM sale s JOIN record r ON r.id = s.id WHERE s.member = ?1 ORDER BY r.id
