SELECT 1 FROM visit_given WHERE record = ?1 AND again = 1 LIMIT 1
