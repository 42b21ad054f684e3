-- replica.db, version 15: what the centre tells this machine to do, as the entries that brought it (app/core/release.h).
CREATE TABLE machine (
    kind  INTEGER PRIMARY KEY, -- of the entry
    entry BLOB NOT NULL
) STRICT;
PRAGMA user_version = 11; -- whoever knows nothing of this table needs nothing of it
