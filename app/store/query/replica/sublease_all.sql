SELECT hub_epoch, granted, keep, granted_minor, day, day_granted FROM sublease WHERE campaign = ?1 AND epoch = ?2 ORDER BY hub_epoch
