-- hub.db: in which batches members were looked for who are to be forgotten. marks: how many members; seq: up to which
-- record. A batch that is not here was not looked at.
CREATE TABLE forgotten (
    batch INTEGER PRIMARY KEY,
    marks INTEGER NOT NULL,
    seq   INTEGER NOT NULL
) STRICT;
-- The id of a batch that is gone may come again.
CREATE TRIGGER batch_gone AFTER DELETE ON batch BEGIN DELETE FROM forgotten WHERE batch = old.id; END;
-- query/hub/batch_add.sql says why.
UPDATE batch SET content = CAST(zeroblob(4096) || content AS BLOB);
