SELECT claims, birthday, segments, (SELECT count(*) FROM sale WHERE member = ?1 AND gone = 0)
    + (SELECT count(*) FROM shop_order WHERE member = ?1 AND kind = 1 AND state NOT IN (6, 7))
    + (SELECT count(*) FROM basket WHERE member = ?1 AND ordered = 0)
FROM member WHERE sub = ?1
