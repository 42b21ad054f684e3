SELECT id, store, epoch, host, port FROM hub WHERE log = ?1 AND state = 1
