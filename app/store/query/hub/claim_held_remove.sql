DELETE FROM claim WHERE campaign = ?1 AND number = ?2 AND terminal = ?3 AND epoch = ?4 AND request_key = ?5 AND state = 1
