SELECT hub_epoch, granted, keep FROM sublease WHERE campaign = ?1 AND epoch = ?2 ORDER BY hub_epoch
