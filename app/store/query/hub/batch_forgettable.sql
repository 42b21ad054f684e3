SELECT b.id, b.terminal, b.epoch, b.first_seq, b.last_seq, t.acknowledged, substr(b.content, 4097)
FROM batch AS b JOIN till AS t ON t.terminal = b.terminal AND t.epoch = b.epoch LEFT JOIN forgotten AS f ON f.batch = b.id
WHERE b.id > ?1 AND b.first_seq <= t.acknowledged AND
    (f.batch IS NULL OR f.marks <> ?2 OR f.seq < min(b.last_seq, t.acknowledged))
ORDER BY b.id LIMIT 1
