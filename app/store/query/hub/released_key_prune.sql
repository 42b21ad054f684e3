DELETE FROM released_key WHERE at_us < ?1
