SELECT campaign, granted, spent FROM store_lease WHERE hub = ?1 ORDER BY campaign
