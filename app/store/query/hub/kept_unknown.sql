SELECT k.request_key FROM kept k JOIN kept_line l ON l.request_key = k.request_key AND l.line_no = 0
WHERE k.of_terminal = ?1 AND k.of_epoch = ?2 AND k.of_seq = ?3 AND k.terminal = ?4 AND k.epoch = ?5 LIMIT 1
