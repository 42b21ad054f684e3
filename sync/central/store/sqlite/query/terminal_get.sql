SELECT store, label, epoch FROM terminal WHERE id = ?1
