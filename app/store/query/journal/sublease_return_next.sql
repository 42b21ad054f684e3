SELECT coalesce(min(seq), 0) FROM sublease_return WHERE hub_epoch = ?1 AND seq > ?2
