UPDATE api_key SET revoked_us = ?2 WHERE id = ?1 AND revoked_us = 0
