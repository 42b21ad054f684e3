-- A part of a name stands in the entry as it is written: UTF-8 inside of CBOR. Whoever asks looks at the name itself.
SELECT entry FROM product WHERE instr(entry, CAST(?1 AS BLOB)) > 0 OR instr(entry, CAST(?2 AS BLOB)) > 0 LIMIT ?3
