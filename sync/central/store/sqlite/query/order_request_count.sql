SELECT count(*) FROM order_request WHERE asking = ?1 AND state IN (1, 2, 3, 4, 5, 6)
