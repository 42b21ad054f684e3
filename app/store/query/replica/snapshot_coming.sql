SELECT topic, chunks, all_chunks FROM snapshot WHERE all_chunks > 0 ORDER BY all_chunks DESC, topic LIMIT 1
