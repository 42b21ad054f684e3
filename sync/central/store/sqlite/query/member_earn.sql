UPDATE member SET points = MIN(points, 9000000000000000000) + ?2, points_ever = MIN(points_ever, 9000000000000000000) + ?2,
    counter = MAX(counter, ?3)
WHERE sub = ?1 RETURNING points_ever, tier
