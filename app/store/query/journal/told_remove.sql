DELETE FROM told WHERE terminal = ?1 AND epoch = ?2 AND seq = ?3
