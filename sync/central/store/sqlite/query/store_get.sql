SELECT entry FROM store WHERE id = ?1
