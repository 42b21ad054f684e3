SELECT campaign, number FROM claim WHERE request_key = ?1 AND state = 1
