DELETE FROM member_sale WHERE seq = ?1
