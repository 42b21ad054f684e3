SELECT log, sale, state FROM return_claim WHERE key = ?1
