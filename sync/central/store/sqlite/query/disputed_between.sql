SELECT DISTINCT campaign, idx FROM redemption WHERE disputed = 1 AND record BETWEEN ?1 AND ?2 ORDER BY campaign, idx
