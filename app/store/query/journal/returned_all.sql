SELECT terminal, epoch, seq, line, qty_milli FROM returned ORDER BY terminal, epoch, seq, line
