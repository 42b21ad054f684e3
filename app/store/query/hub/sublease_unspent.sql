SELECT coalesce(sum(max(granted - returned - spent, 0)), 0) FROM sublease WHERE hub_epoch = ?1 AND campaign = ?2
