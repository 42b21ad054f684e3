SELECT id, epoch, log, host, port, witness FROM hub WHERE store = ?1 AND state = 1
