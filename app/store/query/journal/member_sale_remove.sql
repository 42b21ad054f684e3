DELETE FROM member_sale WHERE sub = ?1 AND seq = ?2
