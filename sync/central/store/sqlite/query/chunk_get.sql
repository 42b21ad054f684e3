SELECT content FROM down_chunk WHERE topic = ?1 AND scope = ?2 AND hash = ?3
