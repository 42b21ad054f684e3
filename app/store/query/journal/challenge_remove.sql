DELETE FROM challenge WHERE nonce = ?1
