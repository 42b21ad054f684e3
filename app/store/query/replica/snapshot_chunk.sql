SELECT content FROM snapshot_chunk WHERE topic = ?1 AND chunk = ?2
