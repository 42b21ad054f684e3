INSERT INTO value_order (account, amount, reference, at_us) VALUES (?1, ?2, ?3, ?4)
