SELECT seq FROM spent WHERE campaign = ?1 AND number = ?2
