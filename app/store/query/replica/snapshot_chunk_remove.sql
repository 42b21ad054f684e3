DELETE FROM snapshot_chunk WHERE topic = ?1
