SELECT store, day, sub, hold_minor, stranded FROM taken WHERE redemption = ?1
