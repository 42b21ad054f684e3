SELECT request_key, body, sum FROM taking ORDER BY request_key
