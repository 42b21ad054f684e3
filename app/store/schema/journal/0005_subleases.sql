-- journal.db, version 5: what was spent of what the store's hubs sub-leased to this terminal.
CREATE TABLE sublease_use (
    campaign  INTEGER NOT NULL,
    hub_epoch INTEGER NOT NULL,
    spent     INTEGER NOT NULL,
    PRIMARY KEY (campaign, hub_epoch)
) STRICT, WITHOUT ROWID;
