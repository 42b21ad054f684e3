SELECT claims, birthday, segments, (SELECT count(*) FROM sale WHERE member = ?1 AND gone = 0) FROM member WHERE sub = ?1
