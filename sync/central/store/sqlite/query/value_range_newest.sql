SELECT first, last, issued FROM value_range WHERE log = ?1 ORDER BY first DESC LIMIT 1
