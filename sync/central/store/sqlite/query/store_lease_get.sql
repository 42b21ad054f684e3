SELECT granted, spent FROM store_lease WHERE campaign = ?1 AND hub = ?2
