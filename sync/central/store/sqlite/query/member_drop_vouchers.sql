DELETE FROM voucher WHERE sub = ?1
