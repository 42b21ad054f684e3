DELETE FROM snapshot WHERE topic = ?1
