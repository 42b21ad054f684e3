UPDATE visit_given SET member = NULL WHERE member = ?1
