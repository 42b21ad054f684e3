UPDATE member SET points = points + ?2, points_ever = points_ever + ?2, counter = MAX(counter, ?3)
WHERE sub = ?1 RETURNING points_ever, tier
