SELECT campaign, granted - spent - returned, granted_minor - spent_minor - returned_minor FROM lease WHERE log = ?1 ORDER BY campaign
