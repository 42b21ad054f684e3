DELETE FROM member_sale WHERE sub = ?1
