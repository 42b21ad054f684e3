DELETE FROM claim
WHERE campaign = ?1 AND number = ?2 AND terminal = ?3 AND epoch = ?4 AND seq IN (0, ?5) AND request_key = ?6 AND state = 2
