DELETE FROM claim WHERE state = 2 AND seq > 0 AND EXISTS
    (SELECT 1 FROM till AS t WHERE t.terminal = claim.terminal AND t.epoch = claim.epoch AND t.settled >= claim.seq)
