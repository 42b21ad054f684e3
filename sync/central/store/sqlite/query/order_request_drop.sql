DELETE FROM order_request WHERE number = ?1
