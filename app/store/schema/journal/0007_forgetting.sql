-- How far this journal has forgotten what it was told to forget (journal_forget.c): the number of erasures that were
-- applied to all records up to seen_seq, and up to where baskets are sealed.
CREATE TABLE forgetting (
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    marks      INTEGER NOT NULL,
    seen_seq   INTEGER NOT NULL,
    sealed_seq INTEGER NOT NULL,
    sum        BLOB NOT NULL
) STRICT;
