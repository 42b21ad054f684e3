INSERT INTO sale_return (id, sale, at_ms, is_void, total_minor, points, state, excess)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, 0)
