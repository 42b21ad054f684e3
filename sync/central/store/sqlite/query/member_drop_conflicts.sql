UPDATE conflict SET member = NULL WHERE member = ?1
