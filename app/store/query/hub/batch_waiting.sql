SELECT b.id, b.terminal, b.epoch, b.first_seq, b.last_seq, t.acknowledged, substr(b.content, 4097)
FROM batch AS b JOIN till AS t ON t.terminal = b.terminal AND t.epoch = b.epoch
WHERE b.id > ?1 AND b.last_seq > t.acknowledged AND b.at_us <= ?2
ORDER BY b.id LIMIT 1
