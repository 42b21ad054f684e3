SELECT entry FROM request WHERE number = ?1
