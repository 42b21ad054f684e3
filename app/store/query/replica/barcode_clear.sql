DELETE FROM barcode
