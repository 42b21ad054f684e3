SELECT c.kind, c.campaign, c.idx, c.loser FROM redemption u JOIN conflict c ON c.redemption = u.id
WHERE u.record = ?1 AND u.disputed = 1 AND c.state = 1
UNION ALL
SELECT kind, campaign, idx, loser FROM conflict WHERE record = ?1 AND state = 1
