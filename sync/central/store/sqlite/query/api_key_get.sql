SELECT id, role, used_us, revoked_us FROM api_key WHERE hash = ?1
