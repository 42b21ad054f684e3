SELECT id, type, rc, body, wall_ms FROM record WHERE id BETWEEN ?1 AND ?2 ORDER BY id
