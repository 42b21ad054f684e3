SELECT content FROM chunk WHERE topic = ?1 AND hash = ?2
