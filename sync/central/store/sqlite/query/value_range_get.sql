SELECT log, first, last, exp_s, issued FROM value_range WHERE id = ?1
