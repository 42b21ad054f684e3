-- Money of accounts that lies at this terminal alone: what it gave out itself, what it spent, what it gave up.
CREATE TABLE value_use (
    account        INTEGER PRIMARY KEY,
    kind           INTEGER NOT NULL,
    issued_minor   INTEGER NOT NULL,
    spent_minor    INTEGER NOT NULL,
    released_minor INTEGER NOT NULL,
    exp_s          INTEGER NOT NULL, -- of one that it gave out; else 0
    seq            INTEGER NOT NULL  -- of the record that gave it out; else 0
) STRICT;
