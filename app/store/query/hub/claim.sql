-- A use before a hold.
SELECT terminal, epoch, request_key, state FROM claim WHERE campaign = ?1 AND number = ?2 ORDER BY state DESC LIMIT 1
