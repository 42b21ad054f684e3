DELETE FROM told WHERE at_ms < ?1
