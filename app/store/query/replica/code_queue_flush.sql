INSERT OR REPLACE INTO barcode (code, product)
SELECT code, product FROM temp.code_queue ORDER BY code, rowid
