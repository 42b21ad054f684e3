DELETE FROM barcode WHERE code = ?1 AND product = ?2
