SELECT sale FROM revoked WHERE campaign = ?1 AND idx = ?2
