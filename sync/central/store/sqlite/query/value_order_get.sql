SELECT account, amount, undone_us FROM value_order WHERE id = ?1
