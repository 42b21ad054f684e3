SELECT count(*), coalesce(sum(cost_minor), 0) FROM visit_given WHERE campaign = ?1 AND again = 1
