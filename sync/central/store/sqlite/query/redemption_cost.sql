UPDATE redemption SET cost_minor = ?2 WHERE id = ?1
