DELETE FROM batch WHERE at_us < ?1 AND EXISTS
    (SELECT 1 FROM till AS t WHERE t.terminal = batch.terminal AND t.epoch = batch.epoch AND t.acknowledged >= last_seq)
