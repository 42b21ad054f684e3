SELECT COUNT(*) FILTER (WHERE revoked_us = 0), COUNT(*) FROM api_key
