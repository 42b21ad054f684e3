UPDATE voucher SET released = ?2 WHERE id = ?1 AND released IS NULL
