SELECT count(*) FROM sublease_day WHERE hub_epoch = ?1 AND campaign = ?2 AND terminal = ?3 AND epoch = ?4
