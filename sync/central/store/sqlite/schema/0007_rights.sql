-- What rights cost in money and what may be risked, the limits beside the budget, and who else holds leases.

-- A campaign's money. budget 0: it is limited in units alone. risk_budget 0: nothing is risked; risk_spent is what was lost.
CREATE TABLE campaign_money (
    campaign INTEGER PRIMARY KEY REFERENCES campaign,
    reserve_bp INTEGER NOT NULL,        -- of what is not spent, this much stays free of terminals' and stores' leases
    risk_per_terminal INTEGER NOT NULL, -- minor units at first, before anything is known of its demand
    hold_minor INTEGER NOT NULL,        -- what one use may cost at most; of a money budget
    day_shared INTEGER NOT NULL,        -- of per_day: given out as shares in leases, ever
    twice_minor INTEGER NOT NULL,       -- of risk_spent: by rights that were used more than once
    rebalanced_us INTEGER NOT NULL,     -- when holders were last asked to give back
    budget INTEGER NOT NULL,
    free INTEGER NOT NULL CHECK (free >= 0),
    outstanding INTEGER NOT NULL CHECK (outstanding >= 0),
    spent INTEGER NOT NULL CHECK (spent >= 0),
    stranded INTEGER NOT NULL CHECK (stranded >= 0),
    over INTEGER NOT NULL CHECK (over >= 0),
    risk_budget INTEGER NOT NULL,
    risk_free INTEGER NOT NULL CHECK (risk_free >= 0),
    risk_outstanding INTEGER NOT NULL CHECK (risk_outstanding >= 0),
    risk_spent INTEGER NOT NULL CHECK (risk_spent >= 0),
    risk_stranded INTEGER NOT NULL CHECK (risk_stranded >= 0),
    risk_over INTEGER NOT NULL CHECK (risk_over >= 0),
    CHECK (free + outstanding + spent + stranded = budget + over),
    CHECK (risk_free + risk_outstanding + risk_spent + risk_stranded = risk_budget + risk_over)
) STRICT;
INSERT INTO campaign_money SELECT id, 2500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM campaign;

-- A lease in money beside units; of an optimistic campaign in money alone. demand: uses and their cost, halved every two days.
ALTER TABLE lease ADD COLUMN granted_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN spent_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN returned_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN per_day INTEGER NOT NULL DEFAULT 0; -- its share of each day
ALTER TABLE lease ADD COLUMN keep INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN demand_milli INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN demand_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN demand_us INTEGER NOT NULL DEFAULT 0;
-- Units that are set aside for an online channel.
CREATE TABLE channel_lease (
    campaign INTEGER NOT NULL REFERENCES campaign,
    channel INTEGER NOT NULL REFERENCES channel,
    granted INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    returned INTEGER NOT NULL,
    PRIMARY KEY (campaign, channel),
    CHECK (spent >= 0 AND returned >= 0 AND granted >= spent + returned)
) STRICT, WITHOUT ROWID;

-- Limits beside the budget, for campaigns that have them: what a store holds or has used; uses that the centre committed a
-- day; a member's uses a day.
CREATE TABLE store_count (
    campaign INTEGER NOT NULL,
    store INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (campaign, store)
) STRICT, WITHOUT ROWID;
CREATE TABLE day_count (
    campaign INTEGER NOT NULL,
    day INTEGER NOT NULL, -- 20261122
    n INTEGER NOT NULL,
    PRIMARY KEY (campaign, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE member_day (
    campaign INTEGER NOT NULL,
    sub INTEGER NOT NULL,
    day INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (campaign, sub, day)
) STRICT, WITHOUT ROWID;
-- What a use that a till asked for has taken of these, until its sale is here or it is undone.
CREATE TABLE taken (
    redemption INTEGER PRIMARY KEY REFERENCES redemption,
    store INTEGER NOT NULL,
    day INTEGER NOT NULL,
    sub INTEGER, -- whose day; NULL: none is counted
    hold_minor INTEGER NOT NULL
) STRICT;

-- Rights of optimistic campaigns that were used at risk: all that they took off, and the dearest use. certain: the centre
-- committed a use of it as well, so that none of these was the one that the campaign meant to give.
CREATE TABLE risk_right (
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    sum_minor INTEGER NOT NULL,
    dearest_minor INTEGER NOT NULL,
    certain INTEGER NOT NULL,
    PRIMARY KEY (campaign, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX risk_right_dearest ON risk_right (campaign, certain, dearest_minor);

-- What was sold under which version of a campaign.
CREATE TABLE version_sold (
    campaign INTEGER NOT NULL,
    version INTEGER NOT NULL,
    n INTEGER NOT NULL,
    discount_minor INTEGER NOT NULL,
    PRIMARY KEY (campaign, version)
) STRICT, WITHOUT ROWID;

-- Keys of asks that were refused: a late copy of such an ask must not take what was denied before.
CREATE TABLE refused_request (
    key BLOB NOT NULL PRIMARY KEY,
    terminal INTEGER NOT NULL,
    rc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Each campaign's figures beside what its leases, reserves and uses add up to: pairs, which must be equal.
CREATE VIEW reckoned AS
SELECT c.id AS campaign, c.budget + c.over AS sum_said, c.free + c.outstanding + c.spent + c.stranded AS sum,
    c.outstanding AS outstanding_said,
    (SELECT COALESCE(SUM(a.granted - a.spent - a.returned), 0) FROM lease a JOIN log l ON l.id = a.log
     WHERE a.campaign = c.id AND l.state = 1)
    + (SELECT COALESCE(SUM(p.granted - p.spent - p.returned), 0) FROM channel_lease p WHERE p.campaign = c.id)
    + (SELECT COALESCE(SUM(s.granted - s.spent), 0) FROM store_lease s JOIN hub h ON h.id = s.hub
       WHERE s.campaign = c.id AND h.state = 1)
    + (SELECT COUNT(*) FROM coupon k WHERE k.campaign = c.id AND k.home > 0 AND k.reserved = 1) AS outstanding,
    c.stranded AS stranded_said,
    (SELECT COALESCE(SUM(a.granted - a.spent - a.returned), 0) FROM lease a JOIN log l ON l.id = a.log
     WHERE a.campaign = c.id AND l.state <> 1)
    + (SELECT COALESCE(SUM(s.granted - s.spent), 0) FROM store_lease s JOIN hub h ON h.id = s.hub
       WHERE s.campaign = c.id AND h.state <> 1)
    + (SELECT COUNT(*) FROM coupon k WHERE k.campaign = c.id AND k.reserved = 2) AS stranded,
    c.spent AS spent_said,
    (SELECT COUNT(*) FROM redemption r WHERE r.campaign = c.id AND r.source BETWEEN 1 AND 5) + c.charged AS spent,
    m.budget + m.over + m.risk_budget + m.risk_over AS money_said,
    m.free + m.outstanding + m.spent + m.stranded + m.risk_free + m.risk_outstanding + m.risk_spent + m.risk_stranded AS money,
    m.outstanding + m.risk_outstanding AS money_outstanding_said,
    (SELECT COALESCE(SUM(a.granted_minor - a.spent_minor - a.returned_minor), 0) FROM lease a JOIN log l ON l.id = a.log
     WHERE a.campaign = c.id AND l.state = 1)
    + (SELECT COALESCE(SUM(t.hold_minor), 0) FROM taken t JOIN redemption r ON r.id = t.redemption WHERE r.campaign = c.id)
    + m.hold_minor * (SELECT COUNT(*) FROM coupon k WHERE k.campaign = c.id AND k.home > 0 AND k.reserved = 1)
        AS money_outstanding,
    m.stranded + m.risk_stranded AS money_stranded_said,
    (SELECT COALESCE(SUM(a.granted_minor - a.spent_minor - a.returned_minor), 0) FROM lease a JOIN log l ON l.id = a.log
     WHERE a.campaign = c.id AND l.state <> 1)
    + m.hold_minor * (SELECT COUNT(*) FROM coupon k WHERE k.campaign = c.id AND k.reserved = 2) AS money_stranded,
    m.spent AS money_spent_said,
    CASE WHEN m.budget = 0 THEN 0
         ELSE (SELECT COALESCE(SUM(r.cost_minor), 0) FROM redemption r WHERE r.campaign = c.id AND r.source > 0)
    END AS money_spent,
    m.twice_minor AS lost_twice_said,
    (SELECT COALESCE(SUM(r.sum_minor - CASE WHEN r.certain = 0 THEN r.dearest_minor ELSE 0 END), 0) FROM risk_right r
     WHERE r.campaign = c.id) AS lost_twice
FROM campaign c JOIN campaign_money m ON m.campaign = c.id;
