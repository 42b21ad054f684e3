SELECT COALESCE(MAX(id), 0) FROM down_entry
