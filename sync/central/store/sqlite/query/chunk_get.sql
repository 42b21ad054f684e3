SELECT scope, content FROM down_chunk WHERE topic = ?1 AND hash = ?2
