SELECT count(*) FROM till_grant
