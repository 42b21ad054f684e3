INSERT INTO order_request (number, record, terminal, epoch, seq, asking, asked, state, is_member, who, name, reach, reason, at_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
ON CONFLICT (number) DO UPDATE SET state = ?8, is_member = ?9, who = ?10, name = ?11, reach = ?12, reason = ?13
