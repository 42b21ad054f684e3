SELECT t.id, t.store, t.label, t.epoch, l.state, l.seq, l.reported_seq, l.contact_us, l.cursor,
       (SELECT at_us FROM down_time WHERE id > l.cursor ORDER BY id LIMIT 1)
FROM terminal t JOIN log l ON l.terminal = t.id AND l.epoch = t.epoch
WHERE ?1 = 0 OR t.store = ?1
ORDER BY l.cursor, l.contact_us, t.id
