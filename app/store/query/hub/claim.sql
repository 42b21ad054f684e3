SELECT terminal, epoch, request_key, state FROM claim WHERE campaign = ?1 AND number = ?2
