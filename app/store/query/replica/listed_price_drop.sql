DELETE FROM listed_price WHERE list = ?1 AND part = ?2
