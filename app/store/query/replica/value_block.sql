SELECT 1 FROM value_block WHERE account = ?1
