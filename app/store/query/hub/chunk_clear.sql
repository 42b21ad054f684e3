DELETE FROM chunk WHERE topic = ?1
