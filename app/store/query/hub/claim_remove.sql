DELETE FROM claim WHERE campaign = ?1 AND number = ?2
