SELECT coalesce(sum(granted), 0) FROM sublease WHERE hub_epoch = ?1 AND campaign = ?2
