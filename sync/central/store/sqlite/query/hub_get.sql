SELECT h.id, h.log, h.state, h.witness, l.terminal, l.epoch, l.sign_key, h.host, h.port
FROM hub h JOIN log l ON l.id = h.log WHERE h.store = ?1 AND h.epoch = ?2
