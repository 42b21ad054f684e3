SELECT request_key, terminal, label, user, parked_ms, n_lines, total_minor, first_line
FROM parked WHERE state = 1 ORDER BY parked_ms, request_key LIMIT 200
