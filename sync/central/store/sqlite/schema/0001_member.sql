-- What the centre knows. A log is one terminal in one epoch; a record's id is log * 2^40 + seq, a sale has its record's id.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One number space for every place that can hold a right. kind: 1 store, 2 terminal, 3 online channel.
CREATE TABLE place (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL
) STRICT;
CREATE TABLE store (
    id INTEGER PRIMARY KEY REFERENCES place,
    entry BLOB NOT NULL -- its settings as the entry that goes down
) STRICT;
CREATE TABLE channel (
    id INTEGER PRIMARY KEY REFERENCES place,
    name TEXT NOT NULL,
    store INTEGER NOT NULL REFERENCES store -- whose catalogue and prices it sells by
) STRICT;
CREATE TABLE terminal (
    id INTEGER PRIMARY KEY REFERENCES place,
    store INTEGER NOT NULL REFERENCES store,
    label TEXT NOT NULL,
    epoch INTEGER NOT NULL -- 0: never enrolled
) STRICT;
CREATE INDEX terminal_store ON terminal (store);
CREATE TABLE log (
    id INTEGER PRIMARY KEY,
    terminal INTEGER NOT NULL REFERENCES terminal,
    epoch INTEGER NOT NULL,
    sign_key BLOB NOT NULL,
    state INTEGER NOT NULL, -- 1 active, 2 replaced by a newer epoch, 3 forked
    seq INTEGER NOT NULL,   -- acknowledged
    head BLOB NOT NULL,
    reported_seq INTEGER NOT NULL, -- the highest the terminal ever claimed to have
    enrolled_us INTEGER NOT NULL,
    contact_us INTEGER NOT NULL,
    cursor INTEGER NOT NULL, -- down cursor of its newest record
    UNIQUE (terminal, epoch)
) STRICT;
CREATE TABLE enrolment (
    secret_hash BLOB NOT NULL PRIMARY KEY,
    terminal INTEGER NOT NULL REFERENCES terminal,
    expires_us INTEGER NOT NULL,
    used_us INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE product (
    store INTEGER NOT NULL,
    id INTEGER NOT NULL,
    version INTEGER NOT NULL, -- of topic prices: where its entry is
    gone INTEGER NOT NULL,
    PRIMARY KEY (store, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE product_code (
    store INTEGER NOT NULL,
    code TEXT NOT NULL,
    product INTEGER NOT NULL,
    PRIMARY KEY (store, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE member (
    sub INTEGER PRIMARY KEY, -- the eight bytes of the pseudonym, big-endian
    name TEXT NOT NULL,
    device_key BLOB NOT NULL,
    home_store INTEGER NOT NULL,
    joined_us INTEGER NOT NULL,
    card_exp_s INTEGER NOT NULL,
    points INTEGER NOT NULL,
    points_ever INTEGER NOT NULL,
    tier INTEGER NOT NULL,
    counter INTEGER NOT NULL -- highest seen of its phone
) STRICT;

CREATE TABLE campaign (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    entry BLOB NOT NULL,
    claims_per_member INTEGER NOT NULL,
    lease_per_terminal INTEGER NOT NULL,
    range_per_terminal INTEGER NOT NULL,
    stopped INTEGER NOT NULL,
    next_index INTEGER NOT NULL,
    budget INTEGER NOT NULL,
    free INTEGER NOT NULL CHECK (free >= 0),
    outstanding INTEGER NOT NULL CHECK (outstanding >= 0),
    spent INTEGER NOT NULL CHECK (spent >= 0),
    stranded INTEGER NOT NULL CHECK (stranded >= 0),
    over INTEGER NOT NULL CHECK (over >= 0), -- uses beyond the budget, each with its alarm
    CHECK (free + outstanding + spent + stranded = budget + over)
) STRICT;
CREATE TABLE campaign_version (
    campaign INTEGER NOT NULL REFERENCES campaign,
    version INTEGER NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (campaign, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE lease (
    campaign INTEGER NOT NULL REFERENCES campaign,
    log INTEGER NOT NULL REFERENCES log,
    granted INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    returned INTEGER NOT NULL,
    PRIMARY KEY (campaign, log),
    CHECK (spent >= 0 AND returned >= 0 AND granted >= spent + returned)
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_log ON lease (log);
CREATE TABLE claim_count (
    campaign INTEGER NOT NULL,
    sub INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (campaign, sub)
) STRICT, WITHOUT ROWID;
CREATE TABLE coupon (
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    sub INTEGER,
    exp_s INTEGER NOT NULL,
    home INTEGER,
    generation INTEGER NOT NULL,
    released INTEGER NOT NULL, -- the generation that its home gave up, -1 if none
    reserved INTEGER NOT NULL, -- 1: a unit of the budget is outstanding for its home
    state INTEGER NOT NULL,    -- 1 live, 2 redeemed, 3 stranded
    origin INTEGER NOT NULL,   -- 0 seen first at its redemption, 1 claimed, 2 issued by a till
    redemption INTEGER,        -- the first that used it
    at_us INTEGER NOT NULL,
    PRIMARY KEY (campaign, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX coupon_sub ON coupon (sub) WHERE sub IS NOT NULL;
CREATE INDEX coupon_home ON coupon (home) WHERE reserved = 1;
CREATE TABLE redemption (
    id INTEGER PRIMARY KEY,
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    policy INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    place INTEGER NOT NULL,
    record INTEGER, -- the record that told of it; NULL online
    request_key BLOB NOT NULL,
    source INTEGER NOT NULL -- what it was paid from: 1 free, 2 lease, 3 reserve, 4 stranded, 5 beyond the budget, 0 none
) STRICT;
CREATE TABLE conflict (
    id INTEGER PRIMARY KEY,
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    first_redemption INTEGER NOT NULL REFERENCES redemption,
    second_redemption INTEGER NOT NULL UNIQUE REFERENCES redemption,
    at_us INTEGER NOT NULL
) STRICT;
CREATE TABLE request (
    kind INTEGER NOT NULL, -- 1 claim, 2 redeem, 3 pin
    key TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    response BLOB NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
-- Redemptions that a till asked for online, by the key that it had journalled. state: 1 taken, 2 given back or never to be
-- taken, 3 confirmed by the till's record.
CREATE TABLE till_request (
    key BLOB NOT NULL PRIMARY KEY,
    terminal INTEGER NOT NULL,
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    state INTEGER NOT NULL,
    redemption INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE issue_range (
    id INTEGER PRIMARY KEY, -- the grant's kid, big-endian
    campaign INTEGER NOT NULL REFERENCES campaign,
    log INTEGER NOT NULL REFERENCES log,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    exp_s INTEGER NOT NULL,
    issued INTEGER NOT NULL, -- how many the till reported
    cose BLOB NOT NULL
) STRICT;
CREATE INDEX issue_range_log ON issue_range (log, campaign, first);

CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL, -- empty if it cannot be known: an unreadable record in a batch whose head was signed
    type INTEGER NOT NULL,
    rc INTEGER NOT NULL, -- 0 applied, else why not or what is wrong with it
    wall_ms INTEGER NOT NULL,
    mono_ms INTEGER NOT NULL,
    time_quality INTEGER NOT NULL,
    down_cursor INTEGER NOT NULL,
    boot_id BLOB NOT NULL,
    salt BLOB,
    body BLOB
) STRICT;
CREATE TABLE sale (
    id INTEGER PRIMARY KEY,
    sale_no INTEGER NOT NULL,
    business_day INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    cashier TEXT NOT NULL,
    member INTEGER,
    n_lines INTEGER NOT NULL,
    gross_minor INTEGER NOT NULL,
    discount_minor INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    change_minor INTEGER NOT NULL,
    points INTEGER NOT NULL
) STRICT;
CREATE TABLE sale_line (
    sale INTEGER NOT NULL,
    line INTEGER NOT NULL,
    product INTEGER NOT NULL,
    qty_milli INTEGER NOT NULL,
    unit_price_minor INTEGER NOT NULL,
    discount_minor INTEGER NOT NULL,
    tax_bp INTEGER NOT NULL,
    PRIMARY KEY (sale, line)
) STRICT, WITHOUT ROWID;
CREATE TABLE sale_tender (
    sale INTEGER NOT NULL,
    n INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (sale, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE sale_discount (
    sale INTEGER NOT NULL,
    n INTEGER NOT NULL,
    campaign INTEGER NOT NULL,
    version INTEGER NOT NULL,
    redemption INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (sale, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE z_report (
    id INTEGER PRIMARY KEY, -- its record
    z_no INTEGER NOT NULL,
    business_day INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    agrees INTEGER NOT NULL
) STRICT;
CREATE TABLE alarm (
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    record INTEGER, -- NULL if no record is the cause
    rc INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;

-- The log that goes down: each entry once, numbered in its topic and scope.
CREATE TABLE down_topic (
    topic INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    version INTEGER NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (topic, scope)
) STRICT, WITHOUT ROWID;
CREATE TABLE down_entry (
    id INTEGER PRIMARY KEY, -- the centre's global log number
    topic INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    version INTEGER NOT NULL,
    key INTEGER NOT NULL, -- a later entry of the same key replaces this one
    entry BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX down_entry_version ON down_entry (topic, scope, version);
CREATE TABLE down_snapshot (
    topic INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    version INTEGER NOT NULL,
    manifest BLOB NOT NULL,
    PRIMARY KEY (topic, scope)
) STRICT, WITHOUT ROWID;
CREATE TABLE down_chunk (
    topic INTEGER NOT NULL,
    hash BLOB NOT NULL,
    scope INTEGER NOT NULL,
    version INTEGER NOT NULL, -- of the snapshot
    content BLOB NOT NULL,
    PRIMARY KEY (topic, hash)
) STRICT;
