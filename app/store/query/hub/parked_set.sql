INSERT OR REPLACE INTO parked (request_key, state, terminal, epoch, by_terminal, by_epoch, at_us, label, user, parked_ms,
    n_lines, total_minor, first_line, steps)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
