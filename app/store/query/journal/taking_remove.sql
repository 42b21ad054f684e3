DELETE FROM taking WHERE request_key = ?1
