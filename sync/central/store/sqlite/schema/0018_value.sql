-- Money on accounts: gift cards and store credit (app/core/value.h). A use is a tender of a sale that a till told of; what
-- nothing covered it for is `over`, with its conflict.
CREATE TABLE value_terms (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    cards_per_terminal INTEGER NOT NULL, -- numbers that a till may give out on its own; 0: none
    valid_days INTEGER NOT NULL,
    points INTEGER NOT NULL, -- so many are `minor`; 0: points are no money
    minor INTEGER NOT NULL,
    next_account INTEGER NOT NULL
) STRICT;
INSERT INTO value_terms (only, cards_per_terminal, valid_days, points, minor, next_account) VALUES (1, 0, 365, 0, 0, 1);
CREATE TABLE value_account (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL, -- 4 gift card, 5 store credit
    currency TEXT NOT NULL,
    exp_s INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    origin INTEGER NOT NULL, -- the record that gave it out; 0: the centre did; -1: used, and nobody told of it yet
    issued INTEGER NOT NULL CHECK (issued >= 0),
    balance INTEGER NOT NULL CHECK (balance >= 0),
    homed INTEGER NOT NULL CHECK (homed >= 0), -- at one terminal each, which spends it alone
    held INTEGER NOT NULL CHECK (held >= 0),   -- for sales of tills that asked
    spent INTEGER NOT NULL CHECK (spent >= 0), -- less what returns gave back
    over INTEGER NOT NULL CHECK (over >= 0),   -- spent, and not there
    at_us INTEGER NOT NULL,
    CHECK (issued + over = balance + homed + held + spent)
) STRICT;
CREATE TABLE value_home (
    account INTEGER NOT NULL REFERENCES value_account,
    log INTEGER NOT NULL REFERENCES log,
    granted INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    returned INTEGER NOT NULL,
    keep INTEGER NOT NULL, -- what it was told to keep
    own INTEGER NOT NULL,  -- of granted: what it gave out itself
    PRIMARY KEY (account, log),
    CHECK (spent >= 0 AND returned >= 0 AND granted >= spent + returned)
) STRICT, WITHOUT ROWID;
-- What a till asked for, by the key that it had journalled. state: 1 held, 2 given back or never to be held, 3 settled by
-- the till's record.
CREATE TABLE value_hold (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    log INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    account INTEGER NOT NULL, -- 0: points
    sub INTEGER,              -- whose points, while they are held
    amount INTEGER NOT NULL,
    points INTEGER NOT NULL,
    state INTEGER NOT NULL,
    record INTEGER
) STRICT;
CREATE INDEX value_hold_account ON value_hold (account) WHERE state = 1;
CREATE TABLE value_use (
    record INTEGER NOT NULL,
    tender_no INTEGER NOT NULL,
    account INTEGER NOT NULL, -- 0: points
    kind INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    points INTEGER NOT NULL,
    over INTEGER NOT NULL,
    asked_back INTEGER NOT NULL, -- by returns, all together
    refunded INTEGER NOT NULL CHECK (refunded >= 0 AND refunded <= amount),
    PRIMARY KEY (record, tender_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX value_use_account ON value_use (account);
CREATE TABLE value_order (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES value_account,
    amount INTEGER NOT NULL,
    reference TEXT NOT NULL,
    at_us INTEGER NOT NULL
) STRICT;
CREATE INDEX value_order_account ON value_order (account);
CREATE TABLE value_range (
    id INTEGER PRIMARY KEY, -- the grant's kid, big-endian
    log INTEGER NOT NULL REFERENCES log,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    exp_s INTEGER NOT NULL,
    issued INTEGER NOT NULL,
    cose BLOB NOT NULL
) STRICT;
CREATE INDEX value_range_log ON value_range (log, first);
