SELECT at_us FROM down_time WHERE id <= ?1 ORDER BY id DESC LIMIT 1
