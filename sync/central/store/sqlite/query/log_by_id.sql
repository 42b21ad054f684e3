SELECT terminal, epoch, state FROM log WHERE id = ?1
