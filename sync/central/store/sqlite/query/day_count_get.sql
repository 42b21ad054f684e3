SELECT n FROM day_count WHERE campaign = ?1 AND day = ?2
