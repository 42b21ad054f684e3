SELECT number, asked_us, until_us, came_us, text FROM machine_logs WHERE terminal = ?1 ORDER BY number DESC LIMIT 1
