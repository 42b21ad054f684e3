-- journal.db, version 12: sub-leases in money beside units, and how many of a sub-lease's uses were on one business day.
-- Both are counted from here on: what hubs lent before was of campaigns that are counted in units alone.
ALTER TABLE sublease_use ADD COLUMN spent_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sublease_use ADD COLUMN returned_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sublease_use ADD COLUMN store_returned_minor INTEGER NOT NULL DEFAULT 0;
CREATE TABLE sublease_day (
    campaign  INTEGER NOT NULL,
    hub_epoch INTEGER NOT NULL,
    day       INTEGER NOT NULL, -- 20261122
    spent     INTEGER NOT NULL,
    PRIMARY KEY (campaign, hub_epoch, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE sublease_counted (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    from_seq INTEGER NOT NULL -- the last record before
) STRICT;
INSERT INTO sublease_counted (only, from_seq) SELECT 1, coalesce(max(seq), 0) FROM record;
