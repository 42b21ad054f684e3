UPDATE campaign SET version = ?2, entry = ?3, claims_per_member = ?4, lease_per_terminal = ?5, stopped = ?6 WHERE id = ?1
