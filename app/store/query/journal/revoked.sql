SELECT seq FROM revoked WHERE campaign = ?1 AND number = ?2
