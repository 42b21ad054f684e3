DELETE FROM conflict WHERE record = ?1 AND campaign = ?2 AND kind = 8
