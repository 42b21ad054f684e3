-- Which of several uses of a right was first, what the others cost, and when a record was really written.

-- A run of records of one log with one boot id (app/core/record_time.h). true time = mono_ms + an offset that is at least
-- lo_offset_ms, at most received_offset_ms and, once a later boot's time is known, hi_offset_ms; or known by the anchor.
CREATE TABLE boot (
    id INTEGER PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES log,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    boot_id BLOB NOT NULL,
    first_mono_ms INTEGER NOT NULL,
    last_mono_ms INTEGER NOT NULL,
    anchor_mono_ms INTEGER, -- of the first record that had the signed time; NULL: none has
    anchor_wall_ms INTEGER,
    lo_offset_ms INTEGER, -- NULL: nothing is known
    hi_offset_ms INTEGER,
    received_offset_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX boot_log ON boot (log, first_seq);
-- When the centre's log that goes down had grown to this entry.
CREATE TABLE down_time (
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL
) STRICT;

-- source 6: a use that no lease or reserve covered and that was not the first of its right.
ALTER TABLE redemption ADD COLUMN n INTEGER NOT NULL DEFAULT 0;          -- of its record, from 0
ALTER TABLE redemption ADD COLUMN boot INTEGER REFERENCES boot;          -- NULL: at_us is when it was
ALTER TABLE redemption ADD COLUMN cost_minor INTEGER NOT NULL DEFAULT 0; -- what it took off
ALTER TABLE redemption ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0;   -- 1: its right has, or had, a conflict

-- kind: 1 duplicate (the right's first use stands in its coupon), 2 away, 3 stranded, 4 beyond. state: 1 open, 2 settled.
CREATE TABLE conflict_2 (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    redemption INTEGER REFERENCES redemption, -- the use that it is about; NULL if it is about no use
    record INTEGER,                           -- then of this record
    loser INTEGER NOT NULL,                   -- who bears a duplicate: 0 the brand, 1 the campaign, 2 the brand, and the member is flagged
    member INTEGER,                           -- who is flagged
    state INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    UNIQUE (redemption, kind)
) STRICT;
INSERT INTO conflict_2 (id, kind, campaign, idx, redemption, record, loser, member, state, at_us)
    SELECT id, 1, campaign, idx, second_redemption, NULL, 0, NULL, 1, at_us FROM conflict;
UPDATE redemption SET disputed = 1
    WHERE id IN (SELECT first_redemption FROM conflict UNION ALL SELECT second_redemption FROM conflict);
DROP TABLE conflict;
ALTER TABLE conflict_2 RENAME TO conflict;
CREATE INDEX conflict_right ON conflict (campaign, idx);
CREATE INDEX conflict_member ON conflict (member) WHERE member IS NOT NULL;
CREATE INDEX conflict_record ON conflict (record) WHERE record IS NOT NULL;
CREATE INDEX redemption_disputed ON redemption (record) WHERE disputed = 1;

-- Of the duplicates that the campaign is to pay for: how many there are, and how many of them its budget pays.
ALTER TABLE campaign ADD COLUMN wanted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaign ADD COLUMN charged INTEGER NOT NULL DEFAULT 0;
-- coupon.reserved 2: the unit that was reserved for its home is stranded with it.
UPDATE coupon SET reserved = 2 WHERE state = 3;

-- What a product was before it changed its categories: for sales that were priced by a catalogue as old as that.
CREATE TABLE product_was (
    store INTEGER NOT NULL,
    id INTEGER NOT NULL,
    until INTEGER NOT NULL, -- down_entry that replaced it
    entry BLOB NOT NULL,
    PRIMARY KEY (store, id, until)
) STRICT, WITHOUT ROWID;
