-- replica.db, version 2: leases counted in money too, what the store may spend through its hub, and who the hub is.
ALTER TABLE lease ADD COLUMN granted_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN per_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN keep INTEGER NOT NULL DEFAULT 0;
CREATE TABLE store_lease (
    campaign      INTEGER NOT NULL,
    epoch         INTEGER NOT NULL, -- of the hub
    granted       INTEGER NOT NULL,
    granted_minor INTEGER NOT NULL,
    per_day       INTEGER NOT NULL,
    keep          INTEGER NOT NULL,
    PRIMARY KEY (campaign, epoch)
) STRICT;
CREATE TABLE hub (
    only  INTEGER PRIMARY KEY CHECK (only = 1),
    epoch INTEGER NOT NULL,
    entry BLOB NOT NULL
) STRICT;
