SELECT grant_id, cose FROM till_grant ORDER BY grant_id
