SELECT number FROM order_request WHERE asking = ?1 AND state = 6 AND EXISTS (
    SELECT 1 FROM shop_order o WHERE o.number = order_request.number AND o.state IN (6, 7)) ORDER BY number LIMIT 1
