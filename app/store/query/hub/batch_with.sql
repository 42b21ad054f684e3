SELECT substr(content, 4097) FROM batch WHERE terminal = ?1 AND epoch = ?2 AND last_seq >= ?3 AND first_seq <= ?3
ORDER BY last_seq, id LIMIT 1
