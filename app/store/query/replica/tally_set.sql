UPDATE tally SET products = ?1 WHERE only = 1
