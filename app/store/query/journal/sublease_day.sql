SELECT spent FROM sublease_day WHERE campaign = ?1 AND hub_epoch = ?2 AND day = ?3
