UPDATE order_request SET is_member = 0, who = NULL, name = '', reach = '' WHERE who = ?1
