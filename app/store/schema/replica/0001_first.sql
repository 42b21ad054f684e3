-- replica.db, version 1. Append-only: a change is a new file with the next number.
-- Products, the store and campaigns stand as the entries that brought them (app/core/down.h): decoded when read.
PRAGMA application_id = 1128682033; -- "CFR1"

CREATE TABLE schema_version (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL
) STRICT;

-- How far each topic has come.
CREATE TABLE topic (
    topic   INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    digest  BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;

-- keys
CREATE TABLE keyset (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    cose BLOB NOT NULL
) STRICT;

-- prices
CREATE TABLE store (
    only  INTEGER PRIMARY KEY CHECK (only = 1),
    entry BLOB NOT NULL
) STRICT;
CREATE TABLE product (
    id    INTEGER PRIMARY KEY,
    entry BLOB NOT NULL
) STRICT;
CREATE TABLE barcode (
    code    TEXT PRIMARY KEY,
    product INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE tally (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    products INTEGER NOT NULL
) STRICT;
INSERT INTO tally (only, products) VALUES (1, 0);

-- campaigns
CREATE TABLE campaign (
    id    INTEGER PRIMARY KEY,
    entry BLOB NOT NULL
) STRICT;

-- redeemed: 4096 rights a page, one bit each; and the generations of pinned rights
CREATE TABLE redeemed (
    campaign INTEGER NOT NULL,
    page     INTEGER NOT NULL,
    bits     BLOB NOT NULL CHECK (length(bits) = 512),
    PRIMARY KEY (campaign, page)
) STRICT, WITHOUT ROWID;
CREATE TABLE generation (
    campaign   INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (campaign, number)
) STRICT, WITHOUT ROWID;

-- grants
CREATE TABLE till_grant (
    grant_id BLOB PRIMARY KEY CHECK (length(grant_id) = 4),
    cose     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- leases: cumulative
CREATE TABLE lease (
    campaign INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    granted  INTEGER NOT NULL,
    PRIMARY KEY (campaign, epoch)
) STRICT, WITHOUT ROWID;

-- results
CREATE TABLE result (
    seq  INTEGER PRIMARY KEY,
    rc   INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;

-- Snapshots on their way: chunks as they came, until all are there.
CREATE TABLE snapshot (
    topic    INTEGER PRIMARY KEY,
    manifest BLOB NOT NULL CHECK (length(manifest) = 32),
    chunks   INTEGER NOT NULL
) STRICT;
CREATE TABLE snapshot_chunk (
    topic   INTEGER NOT NULL,
    chunk   INTEGER NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (topic, chunk)
) STRICT;

-- How far the sync has come with this terminal's own log. Absent: nothing yet.
CREATE TABLE sync_state (
    only              INTEGER PRIMARY KEY CHECK (only = 1),
    sent_seq          INTEGER NOT NULL,
    acknowledged_seq  INTEGER NOT NULL,
    acknowledged_head BLOB NOT NULL CHECK (length(acknowledged_head) = 32),
    down_cursor       INTEGER NOT NULL,
    fenced            INTEGER NOT NULL,
    has_time          INTEGER NOT NULL,
    centre_wall_us    INTEGER NOT NULL,
    local_wall_us     INTEGER NOT NULL,
    local_mono_us     INTEGER NOT NULL,
    boot_id           BLOB NOT NULL CHECK (length(boot_id) = 16),
    last_contact_us   INTEGER NOT NULL
) STRICT;
