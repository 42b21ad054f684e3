DELETE FROM conflict WHERE redemption = ?1 AND kind = ?2 RETURNING loser
