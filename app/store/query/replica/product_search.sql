-- A part of a name stands in the entry as it is written: UTF-8 inside of CBOR. Capitals of English letters are no difference; they are told byte
-- for byte, for not all of an entry is text. Whoever asks looks at the name itself.
SELECT entry FROM product
WHERE instr(CAST(lower(CAST(entry AS TEXT)) AS BLOB), CAST(lower(?1) AS BLOB)) > 0
LIMIT ?2
