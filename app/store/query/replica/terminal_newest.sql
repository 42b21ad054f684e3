SELECT coalesce(max(epoch), 0) FROM terminal WHERE terminal = ?1
