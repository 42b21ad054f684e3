SELECT store, day, sub, hold_minor FROM taken WHERE redemption = ?1
