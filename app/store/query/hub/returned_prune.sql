-- As kept_prune.sql.
DELETE FROM returned WHERE at_us < ?1
    AND NOT EXISTS (SELECT 1 FROM batch AS b WHERE b.terminal = of_terminal AND b.epoch = of_epoch
                    AND b.last_seq >= of_seq AND b.first_seq <= of_seq)
    AND NOT EXISTS (SELECT 1 FROM till AS t WHERE t.terminal = of_terminal AND t.epoch = of_epoch AND t.acknowledged < of_seq)
