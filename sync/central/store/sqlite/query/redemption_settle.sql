UPDATE redemption SET record = ?2, source = ?3 WHERE id = ?1
