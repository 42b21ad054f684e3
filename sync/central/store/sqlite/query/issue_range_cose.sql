SELECT cose FROM issue_range WHERE id = ?1
