SELECT product.entry FROM barcode JOIN product ON product.id = barcode.product WHERE barcode.code = ?1
