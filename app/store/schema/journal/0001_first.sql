-- journal.db, version 1. Append-only: a change is a new file with the next number.
-- What stands in no record (identity, receipt, printing, unprinted, step, parked) carries a sum of its own row, so that
-- damage in it is found as surely as damage in a record; the rest follows from the records and is recomputed from them.

PRAGMA application_id = 1128679985; -- "CFJ1"

CREATE TABLE schema_version (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE identity (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    terminal INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    store    INTEGER NOT NULL,
    sum      BLOB NOT NULL
) STRICT;

-- The chain, see app/core/record.h. salt and body are NULL once erased; body_hash stays.
CREATE TABLE record (
    seq          INTEGER PRIMARY KEY CHECK (seq > 0),
    boot_id      BLOB NOT NULL CHECK (length(boot_id) = 16),
    mono_ms      INTEGER NOT NULL,
    wall_ms      INTEGER NOT NULL,
    time_quality INTEGER NOT NULL,
    down_cursor  INTEGER NOT NULL,
    type         INTEGER NOT NULL,
    salt         BLOB,
    body         BLOB,
    body_hash    BLOB NOT NULL CHECK (length(body_hash) = 32),
    hash         BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- The open sale, step by step, and the sales put aside.
CREATE TABLE step (
    n    INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    sum  BLOB NOT NULL
) STRICT;
CREATE TABLE parked (
    label TEXT NOT NULL,
    n     INTEGER NOT NULL,
    body  BLOB NOT NULL,
    sum   BLOB NOT NULL,
    PRIMARY KEY (label, n)
) STRICT, WITHOUT ROWID;

-- What was printed, or is to be: one a sale.
CREATE TABLE receipt (
    seq      INTEGER PRIMARY KEY,
    document BLOB NOT NULL,
    sum      BLOB NOT NULL
) STRICT;
-- Receipts that wait to be printed; one that was printed leaves.
CREATE TABLE printing (
    seq INTEGER PRIMARY KEY,
    sum BLOB NOT NULL
) STRICT;
-- Those of which it is not known, or that were skipped: state as enum cf_print_state.
CREATE TABLE unprinted (
    seq   INTEGER PRIMARY KEY,
    state INTEGER NOT NULL CHECK (state IN (3, 4)),
    sum   BLOB NOT NULL
) STRICT;

-- What follows from the records: journal_fold.c.
CREATE TABLE state (
    only         INTEGER PRIMARY KEY CHECK (only = 1),
    head_seq     INTEGER NOT NULL,
    head_hash    BLOB NOT NULL CHECK (length(head_hash) = 32),
    last_sale_no INTEGER NOT NULL,
    last_z_no    INTEGER NOT NULL,
    last_z_seq   INTEGER NOT NULL
) STRICT;
CREATE TABLE spent (
    campaign INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    PRIMARY KEY (campaign, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE released (
    campaign   INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (campaign, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE lease_use (
    campaign INTEGER PRIMARY KEY,
    spent    INTEGER NOT NULL,
    returned INTEGER NOT NULL
) STRICT;
CREATE TABLE issued (
    grant_id BLOB PRIMARY KEY CHECK (length(grant_id) = 4),
    count    INTEGER NOT NULL,
    last     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE member_counter (
    sub     BLOB PRIMARY KEY CHECK (length(sub) = 8),
    counter INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Holds nothing: written to between sales, so that the first write after a checkpoint is not a sale's.
CREATE TABLE rest (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    flip INTEGER NOT NULL CHECK (flip IN (0, 1))
) STRICT;
INSERT INTO rest (only, flip) VALUES (1, 0);
