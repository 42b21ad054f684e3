-- Two stores of a chain have chunks of the same bytes: each is kept for its scope. Snapshots can be made again.
DELETE FROM down_snapshot;
DROP TABLE down_chunk;
CREATE TABLE down_chunk (
    topic INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    hash BLOB NOT NULL,
    version INTEGER NOT NULL, -- of the snapshot
    content BLOB NOT NULL,
    PRIMARY KEY (topic, scope, hash)
) STRICT;
