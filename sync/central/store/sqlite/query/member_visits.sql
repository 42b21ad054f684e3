SELECT count(*) + (SELECT count(*) FROM shop_order WHERE member = ?1 AND kind = 1)
        + (SELECT count(*) FROM basket WHERE member = ?1 AND ordered = 0),
    coalesce(sum(gone = 0 AND heard_us < ?4), 0)
        + (SELECT count(*) FROM shop_order WHERE member = ?1 AND kind = 1 AND state NOT IN (6, 7) AND at_us < ?4)
        + (SELECT count(*) FROM basket WHERE member = ?1 AND ordered = 0 AND at_us < ?4),
    coalesce(sum(heard_us < ?5), 0) + (SELECT count(*) FROM shop_order WHERE member = ?1 AND kind = 1 AND at_us < ?5)
        + (SELECT count(*) FROM basket WHERE member = ?1 AND ordered = 0 AND at_us < ?5),
    coalesce(sum(own AND gone = 0), 0),
    coalesce(sum(own AND gone = 0 AND heard_us >= ?4 AND id > ?6 AND (?7 < 0 OR (time_quality <> 0 AND wall_ms >= ?7))), 0),
    coalesce(sum(own AND heard_us >= ?4 AND id > ?6), 0)
FROM (SELECT s.id, s.gone, s.heard_us, s.id > ?3 AND s.id < ?2 AS own, r.wall_ms, r.time_quality
      FROM sale s JOIN record r ON r.id = s.id WHERE s.member = ?1 AND s.id <> ?2)
