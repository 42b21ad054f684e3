SELECT name, store FROM channel WHERE id = ?1
