SELECT cose FROM value_range WHERE id = ?1
