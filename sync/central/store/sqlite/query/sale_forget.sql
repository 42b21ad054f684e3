UPDATE sale SET member = NULL WHERE id = ?1
