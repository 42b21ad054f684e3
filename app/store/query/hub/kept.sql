SELECT terminal, epoch, of_terminal, of_epoch, of_seq FROM kept WHERE request_key = ?1
