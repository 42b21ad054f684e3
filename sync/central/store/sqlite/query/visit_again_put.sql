UPDATE visit_given SET again = ?3 WHERE record = ?1 AND campaign = ?2
