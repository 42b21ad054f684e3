SELECT state, terminal, epoch, by_terminal, by_epoch, label, user, parked_ms, n_lines, total_minor, first_line, steps
FROM parked WHERE request_key = ?1
