SELECT campaign, log, first, last, exp_s, issued FROM issue_range WHERE id = ?1
