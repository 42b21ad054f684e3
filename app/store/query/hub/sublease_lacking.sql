SELECT count(*) FROM sublease
WHERE hub_epoch = ?1 AND campaign = ?2 AND (terminal <> ?3 OR epoch <> ?4) AND lacks_us > ?5
