DELETE FROM member_counter WHERE sub = ?1
