SELECT entry FROM shop_order WHERE substr(entry, 2, 1) = x'15' AND number > ?1 ORDER BY number LIMIT ?2
