SELECT number, record, terminal, epoch, seq, asking, asked, state, is_member, who, name, reach, reason, at_us
FROM order_request WHERE number = ?1
