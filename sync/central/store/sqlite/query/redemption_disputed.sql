UPDATE redemption SET disputed = 1 WHERE id = ?1
