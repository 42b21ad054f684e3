SELECT coalesce(sum(qty_milli), 0) FROM returned WHERE of_terminal = ?1 AND of_epoch = ?2 AND of_seq = ?3 AND line_no = ?4
