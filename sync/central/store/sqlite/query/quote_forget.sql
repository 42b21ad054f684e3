UPDATE quote SET member = NULL WHERE id = ?1
