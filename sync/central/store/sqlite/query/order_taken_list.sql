SELECT o.record, o.body, o.at_us, o.conflict, l.terminal, l.epoch,
       EXISTS (SELECT 1 FROM sale s WHERE s.id = o.record) FROM shop_order_taken o
JOIN log l ON l.id = o.record >> 40
WHERE o.number = ?1 ORDER BY o.at_us, o.record
