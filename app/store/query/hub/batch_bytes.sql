SELECT coalesce(sum(length(content)), 0) FROM batch WHERE terminal = ?1 AND epoch = ?2 AND last_seq > ?3
