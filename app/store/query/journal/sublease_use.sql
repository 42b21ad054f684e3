SELECT spent FROM sublease_use WHERE campaign = ?1 AND hub_epoch = ?2
