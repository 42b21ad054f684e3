DELETE FROM kept WHERE request_key = ?1
