DELETE FROM kept_line WHERE request_key = ?1
