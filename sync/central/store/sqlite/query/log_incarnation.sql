SELECT incarnation, started FROM log WHERE id = ?1
