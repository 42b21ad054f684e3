DELETE FROM member WHERE sub = ?1
