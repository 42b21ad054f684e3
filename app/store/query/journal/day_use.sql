SELECT spent FROM day_use WHERE campaign = ?1 AND day = ?2
