SELECT product FROM barcode WHERE code = ?1
