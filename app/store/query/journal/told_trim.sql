DELETE FROM told WHERE (terminal, epoch, seq) IN
    (SELECT terminal, epoch, seq FROM told ORDER BY at_ms DESC, terminal, epoch, seq LIMIT -1 OFFSET ?1)
