UPDATE basket SET member = NULL WHERE member = ?1
