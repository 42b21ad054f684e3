SELECT n FROM store_count WHERE campaign = ?1 AND store = ?2
