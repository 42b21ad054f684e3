INSERT INTO till (terminal, epoch, seq, head, acknowledged, forked) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (terminal, epoch) DO UPDATE SET seq = ?3, head = ?4, acknowledged = ?5, forked = ?6
