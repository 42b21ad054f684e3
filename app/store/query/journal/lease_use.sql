SELECT spent, returned, spent_minor, returned_minor FROM lease_use WHERE campaign = ?1
