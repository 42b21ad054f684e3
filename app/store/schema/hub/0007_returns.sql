-- What came back of a sub-lease, by its till's records: it may be lent again. spent, demand: as the till told, for how much
-- to lend. lacks_us: when it got less than it asked for; 0: it got that.
ALTER TABLE sublease ADD COLUMN returned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sublease ADD COLUMN spent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sublease ADD COLUMN demand_milli INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sublease ADD COLUMN demand_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sublease ADD COLUMN lacks_us INTEGER NOT NULL DEFAULT 0;
-- What this hub gives back of what the store was leased: cumulative, and lent to nobody any more.
CREATE TABLE store_return (
    hub_epoch INTEGER NOT NULL,
    campaign  INTEGER NOT NULL,
    units     INTEGER NOT NULL CHECK (units >= 0),
    PRIMARY KEY (hub_epoch, campaign)
) STRICT, WITHOUT ROWID;
