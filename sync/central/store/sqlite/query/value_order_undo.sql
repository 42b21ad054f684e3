UPDATE value_order SET undone_us = ?2 WHERE id = ?1 AND undone_us = 0
