-- Hubs: which terminal of a store answered for all its tills, and what the store was leased through it.
-- state: 1 active, 2 replaced by another assignment, or taken away, 3 set apart.
CREATE TABLE hub (
    id INTEGER PRIMARY KEY,
    store INTEGER NOT NULL REFERENCES store,
    epoch INTEGER NOT NULL, -- 1, 2, ... of the store
    log INTEGER NOT NULL REFERENCES log, -- of its terminal
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    state INTEGER NOT NULL,
    assigned_us INTEGER NOT NULL,
    witness BLOB NOT NULL, -- the newest that anybody told of; empty if none did
    UNIQUE (store, epoch)
) STRICT;
CREATE UNIQUE INDEX hub_active ON hub (store) WHERE state = 1;
CREATE INDEX hub_log ON hub (log) WHERE state = 1;
CREATE TABLE store_lease (
    campaign INTEGER NOT NULL REFERENCES campaign,
    hub INTEGER NOT NULL REFERENCES hub,
    granted INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (campaign, hub),
    CHECK (spent >= 0 AND granted >= spent)
) STRICT, WITHOUT ROWID;
CREATE INDEX store_lease_hub ON store_lease (hub);
