INSERT INTO conflict (kind, campaign, idx, redemption, record, loser, member, state, at_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8)
ON CONFLICT (redemption, kind) DO NOTHING
