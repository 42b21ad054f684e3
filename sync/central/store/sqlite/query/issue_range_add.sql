INSERT INTO issue_range (id, campaign, log, first, last, exp_s, issued, cose) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)
