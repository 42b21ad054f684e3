DELETE FROM down_chunk WHERE topic = ?1 AND scope = ?2 AND version < ?3
