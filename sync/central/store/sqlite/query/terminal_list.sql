SELECT t.id, t.store, t.label, t.epoch, l.id, l.state, l.seq, l.reported_seq, l.contact_us, l.cursor
FROM terminal t LEFT JOIN log l ON l.terminal = t.id AND l.epoch = t.epoch
ORDER BY t.id
