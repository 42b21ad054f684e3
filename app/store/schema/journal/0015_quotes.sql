-- journal.db, version 15: quotations under which this till sold, each once: journal_fold.c. They may be another till's.
CREATE TABLE quote_used (
    terminal INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    by       INTEGER NOT NULL CHECK (by > 0), -- the record of the sale
    PRIMARY KEY (terminal, epoch, seq)
) STRICT, WITHOUT ROWID;
