SELECT COUNT(*) FROM issue_range WHERE campaign = ?1 AND log = ?2 AND first > ?3
