SELECT id, salt, body FROM record WHERE type = 8 AND body IS NOT NULL AND instr(body, ?1) > 0 ORDER BY id
