SELECT claims, birthday, segments, (SELECT count(*) FROM sale WHERE member = ?1 AND gone = 0)
    + (SELECT count(*) FROM shop_order WHERE member = ?1 AND kind = 1 AND state NOT IN (6, 7))
FROM member WHERE sub = ?1
