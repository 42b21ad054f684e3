SELECT 1 FROM released_key WHERE request_key = ?1
