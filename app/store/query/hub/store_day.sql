SELECT lent FROM store_day WHERE hub_epoch = ?1 AND campaign = ?2 AND day = ?3
