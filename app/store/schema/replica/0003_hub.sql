-- replica.db, version 3: the store's terminals, for its hub; what this terminal has of its hub.
CREATE TABLE terminal (
    terminal INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    fenced   INTEGER NOT NULL,
    sign_key BLOB NOT NULL CHECK (length(sign_key) = 33),
    PRIMARY KEY (terminal, epoch)
) STRICT, WITHOUT ROWID;

-- What the hub of `hub_epoch` ever sub-leased to this terminal in its `epoch`: cumulative.
CREATE TABLE sublease (
    campaign  INTEGER NOT NULL,
    epoch     INTEGER NOT NULL,
    hub_epoch INTEGER NOT NULL,
    granted   INTEGER NOT NULL,
    PRIMARY KEY (campaign, epoch, hub_epoch)
) STRICT, WITHOUT ROWID;

-- How far the hub has come with this terminal's own log. Absent: nothing yet.
CREATE TABLE hub_sync (
    only      INTEGER PRIMARY KEY CHECK (only = 1),
    epoch     INTEGER NOT NULL, -- this terminal's
    hub_epoch INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    head      BLOB NOT NULL CHECK (length(head) = 32),
    fenced    INTEGER NOT NULL
) STRICT;
