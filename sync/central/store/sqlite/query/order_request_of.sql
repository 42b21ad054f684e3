SELECT number FROM order_request WHERE record = ?1
