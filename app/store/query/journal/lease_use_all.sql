SELECT campaign, spent, returned, spent_minor, returned_minor FROM lease_use ORDER BY campaign
