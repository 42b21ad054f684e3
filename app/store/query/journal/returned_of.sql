SELECT line, qty_milli FROM returned WHERE terminal = ?1 AND epoch = ?2 AND seq = ?3 ORDER BY line
