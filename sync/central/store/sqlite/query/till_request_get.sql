SELECT log, campaign, idx, state, redemption FROM till_request WHERE key = ?1
