SELECT EXISTS (SELECT 1 FROM member_said WHERE member = ?1 AND what = ?2 AND value = ?3)
