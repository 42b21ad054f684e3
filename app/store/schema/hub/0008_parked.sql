-- hub.db: sales that tills parked here for any till of the store: sync/wire/parked.h.
-- state: 1 waits, 2 taken by a till that may ask again, 3 over, 4 given up by its till before it came.
-- Of 3 and 4 nothing is left but the key, so that a copy of the message that comes late brings nothing back.
CREATE TABLE parked (
    request_key BLOB PRIMARY KEY CHECK (length(request_key) = 16),
    state       INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
    terminal    INTEGER NOT NULL, -- that parked it
    epoch       INTEGER NOT NULL,
    by_terminal INTEGER NOT NULL, -- that took it; 0: nobody
    by_epoch    INTEGER NOT NULL,
    at_us       INTEGER NOT NULL, -- of the last change
    label       TEXT NOT NULL,
    user        TEXT NOT NULL,
    parked_ms   INTEGER NOT NULL,
    n_lines     INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    first_line  TEXT NOT NULL,
    steps       BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_waiting ON parked (parked_ms) WHERE state = 1;
