-- journal.db, version 10: what this terminal gave back of what its store's hubs sub-leased to it; and, of a terminal that is
-- a hub itself, of what the store was leased through it.
ALTER TABLE sublease_use ADD COLUMN returned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sublease_use ADD COLUMN store_returned INTEGER NOT NULL DEFAULT 0;
-- The records that the hub has to see, whether the centre has them or not.
CREATE TABLE sublease_return (
    seq       INTEGER PRIMARY KEY,
    hub_epoch INTEGER NOT NULL
) STRICT;
