DELETE FROM conflict WHERE record = ?1 AND kind = ?2
