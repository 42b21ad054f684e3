DELETE FROM taken WHERE redemption = ?1
