SELECT count(*), coalesce(sum(m.seq > ?2), 0),
    coalesce(sum(m.seq > ?2 AND (m.seq > ?5 OR (r.time_quality <> ?4 AND r.wall_ms >= ?3))), 0)
FROM member_sale m LEFT JOIN record r ON r.seq = m.seq
WHERE m.sub = ?1
