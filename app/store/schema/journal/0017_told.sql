-- journal.db, version 17: what the centre said of a receipt when it was asked last, for when it cannot be asked:
-- journal_told.c. No record tells it; a row that is damaged counts as a no.
CREATE TABLE told (
    terminal INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    body     BLOB NOT NULL,
    sum      BLOB NOT NULL,
    PRIMARY KEY (terminal, epoch, seq)
) STRICT, WITHOUT ROWID;
