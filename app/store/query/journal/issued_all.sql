SELECT grant_id, count, last FROM issued ORDER BY grant_id
