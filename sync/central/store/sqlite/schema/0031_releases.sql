-- Releases of the system that terminals run, how far they are rolled out, and what each terminal said of itself.
CREATE TABLE release (
    number        INTEGER PRIMARY KEY,
    version       TEXT NOT NULL,
    hardware      TEXT NOT NULL,
    size          INTEGER NOT NULL,
    hash          BLOB NOT NULL UNIQUE, -- of the bundle, a file of that name
    schema        INTEGER NOT NULL,
    readable_from INTEGER NOT NULL,
    made_us       INTEGER NOT NULL
) STRICT;
CREATE TABLE rollout (
    number      INTEGER PRIMARY KEY,
    release     INTEGER NOT NULL REFERENCES release,
    store       INTEGER NOT NULL, -- 0: all
    share_bp    INTEGER NOT NULL,
    at          INTEGER NOT NULL, -- enum cf_update_when
    minute      INTEGER NOT NULL,
    bytes_per_s INTEGER NOT NULL,
    state       INTEGER NOT NULL, -- 1 runs, 2 stopped
    widened     INTEGER NOT NULL, -- beyond the first of its terminals
    why         TEXT NOT NULL,    -- it was stopped
    begun_us    INTEGER NOT NULL
) STRICT;
CREATE TABLE machine (
    terminal    INTEGER PRIMARY KEY REFERENCES terminal,
    epoch       INTEGER NOT NULL,
    heard_us    INTEGER NOT NULL,
    version     TEXT NOT NULL,
    hardware    TEXT NOT NULL,
    schema      INTEGER NOT NULL,
    release     INTEGER NOT NULL, -- that it is about; 0: none
    progress    INTEGER NOT NULL, -- enum cf_update_state
    rc          INTEGER NOT NULL, -- why it failed
    report      BLOB NOT NULL     -- as the terminal sent it (sync/wire/machine.h)
) STRICT;
-- What a terminal was told to run last, in this epoch.
CREATE TABLE machine_told (
    terminal INTEGER PRIMARY KEY REFERENCES terminal,
    epoch    INTEGER NOT NULL,
    rollout  INTEGER NOT NULL,
    release  INTEGER NOT NULL -- 0: to keep what it runs
) STRICT;
-- Logs of the last hour: asked for, and what came, if the store agreed.
CREATE TABLE machine_logs (
    number   INTEGER PRIMARY KEY,
    terminal INTEGER NOT NULL REFERENCES terminal,
    asked_us INTEGER NOT NULL,
    until_us INTEGER NOT NULL,
    came_us  INTEGER,
    text     BLOB
) STRICT;
CREATE INDEX machine_logs_terminal ON machine_logs (terminal);
