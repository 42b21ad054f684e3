DELETE FROM value_block WHERE account = ?1
