SELECT spent, returned FROM lease_use WHERE campaign = ?1
