UPDATE campaign SET budget = budget + ?2, free = free + ?2 WHERE id = ?1
