-- journal.db, version 2: leases are used in money too, and the uses of a lease are counted by business day.
ALTER TABLE lease_use ADD COLUMN spent_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease_use ADD COLUMN returned_minor INTEGER NOT NULL DEFAULT 0;
CREATE TABLE day_use (
    campaign INTEGER NOT NULL,
    day      INTEGER NOT NULL, -- 20261122
    spent    INTEGER NOT NULL,
    PRIMARY KEY (campaign, day)
) STRICT, WITHOUT ROWID;
