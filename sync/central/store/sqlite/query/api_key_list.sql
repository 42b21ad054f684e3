SELECT id, role, name, made_us, used_us, revoked_us FROM api_key ORDER BY id
