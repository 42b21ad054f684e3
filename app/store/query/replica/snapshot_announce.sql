UPDATE snapshot SET all_chunks = ?2 WHERE topic = ?1
