DELETE FROM member_said WHERE member = ?1
