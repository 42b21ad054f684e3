INSERT OR REPLACE INTO till (terminal, epoch, seq, head, acknowledged, forked) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
