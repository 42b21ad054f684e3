SELECT terminal, epoch, seq, by FROM quote_used ORDER BY terminal, epoch, seq
