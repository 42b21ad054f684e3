DELETE FROM spent WHERE campaign = ?1 AND number = ?2 AND seq = ?3
