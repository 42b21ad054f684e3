SELECT campaign, spent, returned FROM lease_use ORDER BY campaign
