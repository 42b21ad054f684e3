SELECT manifest, chunks FROM snapshot WHERE topic = ?1
