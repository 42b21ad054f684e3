SELECT COUNT(*) FROM conflict WHERE member = ?1
