SELECT (SELECT coalesce(sum(qty_milli), 0) FROM returned
        WHERE of_terminal = ?1 AND of_epoch = ?2 AND of_seq = ?3 AND line_no = ?4 AND (terminal <> ?5 OR epoch <> ?6))
     + (SELECT coalesce(sum(l.qty_milli), 0) FROM kept k JOIN kept_line l ON l.request_key = k.request_key
        WHERE k.of_terminal = ?1 AND k.of_epoch = ?2 AND k.of_seq = ?3 AND l.line_no = ?4
        AND (k.terminal <> ?5 OR k.epoch <> ?6))
