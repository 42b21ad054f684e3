-- What came back of a sale by this till's returns, line by line: journal_fold.c. The sale may be another till's.
CREATE TABLE returned (
    terminal  INTEGER NOT NULL,
    epoch     INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    line      INTEGER NOT NULL,
    qty_milli INTEGER NOT NULL CHECK (qty_milli > 0),
    PRIMARY KEY (terminal, epoch, seq, line)
) STRICT, WITHOUT ROWID;
