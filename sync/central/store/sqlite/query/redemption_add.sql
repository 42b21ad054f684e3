INSERT INTO redemption (campaign, idx, generation, policy, at_us, place, record, request_key, source, n, boot, cost_minor)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
