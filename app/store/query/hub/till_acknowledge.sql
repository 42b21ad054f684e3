UPDATE till SET acknowledged = max(acknowledged, ?3) WHERE terminal = ?1 AND epoch = ?2
