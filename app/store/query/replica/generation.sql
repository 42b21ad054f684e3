SELECT generation FROM generation WHERE campaign = ?1 AND number = ?2
