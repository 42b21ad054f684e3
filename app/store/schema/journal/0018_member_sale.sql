-- journal.db, version 18: what members bought here, by the record of the sale. It leaves with the record, and when all of its
-- goods came back here. Counted from here on.
CREATE TABLE member_sale (
    sub BLOB NOT NULL CHECK (length(sub) = 8),
    seq INTEGER NOT NULL,
    PRIMARY KEY (sub, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_sale_seq ON member_sale (seq);
CREATE TABLE member_counted (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    from_seq INTEGER NOT NULL -- the last record before
) STRICT;
INSERT INTO member_counted (only, from_seq) SELECT 1, coalesce(max(seq), 0) FROM record;
