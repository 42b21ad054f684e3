SELECT version, entry, digest, id FROM down_entry
WHERE topic = ?1 AND scope = ?2 AND version > ?3 ORDER BY version LIMIT ?4
