SELECT granted FROM sublease_day WHERE hub_epoch = ?1 AND campaign = ?2 AND day = ?3 AND terminal = ?4 AND epoch = ?5
