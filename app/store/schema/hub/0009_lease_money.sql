-- hub.db, version 9: sub-leases in money beside units, and by day. Beside them what the store was granted: whatever the hub
-- does, all that is lent and all that was given back is never more than that.
ALTER TABLE sublease ADD COLUMN granted_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sublease ADD COLUMN returned_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sublease ADD COLUMN spent_minor INTEGER NOT NULL DEFAULT 0;

-- lent: the sum over the store's tills of what they were granted and have not given back.
CREATE TABLE store_lease (
    hub_epoch      INTEGER NOT NULL,
    campaign       INTEGER NOT NULL,
    granted        INTEGER NOT NULL, -- by the centre, as far as it has come down here
    granted_minor  INTEGER NOT NULL,
    returned       INTEGER NOT NULL, -- to the centre: cumulative, and lent to nobody any more
    returned_minor INTEGER NOT NULL,
    lent           INTEGER NOT NULL,
    lent_minor     INTEGER NOT NULL,
    PRIMARY KEY (hub_epoch, campaign),
    CHECK (returned >= 0 AND lent >= 0 AND granted >= returned + lent),
    CHECK (returned_minor >= 0 AND lent_minor >= 0 AND granted_minor >= returned_minor + lent_minor)
) STRICT, WITHOUT ROWID;
INSERT INTO store_lease
SELECT hub_epoch, campaign, sum(units) + sum(lent), 0, sum(units), 0, sum(lent), 0 FROM (
    SELECT hub_epoch, campaign, units, 0 AS lent FROM store_return
    UNION ALL SELECT hub_epoch, campaign, 0, granted - returned FROM sublease
) GROUP BY hub_epoch, campaign;
DROP TABLE store_return;

-- Of a campaign with a limit a day: the store's share of each day that was lent from, and the tills' parts of it. What of
-- them was not used is worth nothing on another day, on which the share is whole again.
CREATE TABLE store_day (
    hub_epoch INTEGER NOT NULL,
    campaign  INTEGER NOT NULL,
    day       INTEGER NOT NULL, -- 20261122
    share     INTEGER NOT NULL,
    lent      INTEGER NOT NULL,
    PRIMARY KEY (hub_epoch, campaign, day),
    CHECK (lent BETWEEN 0 AND share)
) STRICT, WITHOUT ROWID;
CREATE TABLE sublease_day (
    hub_epoch INTEGER NOT NULL,
    campaign  INTEGER NOT NULL,
    day       INTEGER NOT NULL,
    terminal  INTEGER NOT NULL,
    epoch     INTEGER NOT NULL,
    granted   INTEGER NOT NULL CHECK (granted >= 0),
    PRIMARY KEY (hub_epoch, campaign, day, terminal, epoch)
) STRICT, WITHOUT ROWID;
