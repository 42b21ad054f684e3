-- hub.db, version 1. Append-only: a change is a new file with the next number.
-- What a store's hub must never lose: who holds which right, what it sub-leased, and the other tills' records.
PRAGMA application_id = 1128679473; -- "CFH1"

CREATE TABLE schema_version (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL
) STRICT;

-- Which hub this is, and how far its history has come. Absent: it never was one.
CREATE TABLE state (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    store       INTEGER NOT NULL,
    terminal    INTEGER NOT NULL,
    epoch       INTEGER NOT NULL, -- the terminal's
    hub_epoch   INTEGER NOT NULL,
    incarnation INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    head        BLOB NOT NULL CHECK (length(head) = 32),
    fenced      INTEGER NOT NULL,
    why         TEXT NOT NULL
) STRICT;

-- The hash at each step of the history of this hub epoch: the newest ones.
CREATE TABLE step (
    seq  INTEGER PRIMARY KEY,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- Rights in this store. state: 1 a till holds it, by the key that it had journalled; 2 used, as a till's log says.
CREATE TABLE claim (
    campaign    INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    terminal    INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    request_key BLOB NOT NULL CHECK (length(request_key) = 16),
    state       INTEGER NOT NULL,
    PRIMARY KEY (campaign, number)
) STRICT, WITHOUT ROWID;
-- Keys that a till gave up: a claim that comes late takes nothing any more.
CREATE TABLE released_key (
    request_key BLOB PRIMARY KEY CHECK (length(request_key) = 16)
) STRICT, WITHOUT ROWID;

-- What was ever sub-leased: cumulative.
CREATE TABLE sublease (
    hub_epoch INTEGER NOT NULL,
    campaign  INTEGER NOT NULL,
    terminal  INTEGER NOT NULL,
    epoch     INTEGER NOT NULL,
    granted   INTEGER NOT NULL CHECK (granted >= 0),
    PRIMARY KEY (hub_epoch, campaign, terminal, epoch)
) STRICT, WITHOUT ROWID;

-- The tills' logs, as far as they are here; `acknowledged` is what the centre is known to have of them.
CREATE TABLE till (
    terminal     INTEGER NOT NULL,
    epoch        INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    head         BLOB NOT NULL CHECK (length(head) = 32),
    acknowledged INTEGER NOT NULL,
    forked       INTEGER NOT NULL,
    PRIMARY KEY (terminal, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE batch (
    id        INTEGER PRIMARY KEY,
    terminal  INTEGER NOT NULL,
    epoch     INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL,
    at_us     INTEGER NOT NULL,
    content   BLOB NOT NULL
) STRICT;
CREATE INDEX batch_till ON batch (terminal, epoch, last_seq);

-- Signed pages and snapshots as the centre sent them, for tills that reach only this hub.
CREATE TABLE page (
    topic    INTEGER NOT NULL,
    version  INTEGER NOT NULL, -- that it goes on from
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    after    INTEGER NOT NULL,
    content  BLOB NOT NULL,
    PRIMARY KEY (topic, version)
) STRICT;
CREATE TABLE manifest (
    topic   INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT;
CREATE TABLE chunk (
    topic   INTEGER NOT NULL,
    hash    BLOB NOT NULL CHECK (length(hash) = 32),
    content BLOB NOT NULL,
    PRIMARY KEY (topic, hash)
) STRICT;
