DELETE FROM till_grant
