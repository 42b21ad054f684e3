SELECT entry, id FROM down_entry WHERE topic = ?1 AND scope = ?2 AND key BETWEEN ?3 AND ?4 AND key >= 0 ORDER BY key, version DESC
