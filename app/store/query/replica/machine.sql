SELECT entry FROM machine WHERE kind = ?1
