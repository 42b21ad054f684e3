-- 4096 bytes in front: SQLite keeps no more than a page of a row beside other rows, and the rest on pages that are its
-- own. Pages that rows share are rearranged, which may leave copies; what is erased must not be among them.
INSERT INTO batch (terminal, epoch, first_seq, last_seq, at_us, content)
VALUES (?1, ?2, ?3, ?4, ?5, CAST(zeroblob(4096) || ?6 AS BLOB))
