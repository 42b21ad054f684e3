INSERT INTO hub (store, epoch, log, host, port, state, assigned_us, witness) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, x'')
