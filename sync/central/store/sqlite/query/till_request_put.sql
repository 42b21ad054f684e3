INSERT INTO till_request (key, log, terminal, campaign, idx, state, redemption) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (key) DO UPDATE SET state = excluded.state, redemption = excluded.redemption
