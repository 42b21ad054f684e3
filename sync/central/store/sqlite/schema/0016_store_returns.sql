-- What came back of a store's lease, by the record of its hub's terminal; what it was told to keep, and how much it uses. Money and
-- a day's share as a terminal's lease has them.
ALTER TABLE store_lease RENAME TO store_lease_before;
DROP INDEX store_lease_hub;
CREATE TABLE store_lease (
    campaign INTEGER NOT NULL REFERENCES campaign,
    hub INTEGER NOT NULL REFERENCES hub,
    granted INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    returned INTEGER NOT NULL,
    granted_minor INTEGER NOT NULL,
    spent_minor INTEGER NOT NULL,
    returned_minor INTEGER NOT NULL,
    per_day INTEGER NOT NULL,
    keep INTEGER NOT NULL,
    demand_milli INTEGER NOT NULL,
    demand_minor INTEGER NOT NULL,
    demand_us INTEGER NOT NULL,
    PRIMARY KEY (campaign, hub),
    CHECK (spent >= 0 AND returned >= 0 AND granted >= spent + returned),
    CHECK (spent_minor >= 0 AND returned_minor >= 0 AND granted_minor >= spent_minor + returned_minor)
) STRICT, WITHOUT ROWID;
DROP VIEW reckoned;
INSERT INTO store_lease SELECT b.campaign, b.hub, b.granted, b.spent, 0, 0, 0, 0, 0, c.lease_per_terminal, 0, 0, 0
FROM store_lease_before b JOIN campaign c ON c.id = b.campaign;
DROP TABLE store_lease_before;
CREATE INDEX store_lease_hub ON store_lease (hub);

CREATE VIEW reckoned AS
SELECT c.id AS campaign, c.budget + c.over AS sum_said, c.free + c.outstanding + c.spent + c.stranded AS sum,
    c.outstanding AS outstanding_said,
    (SELECT COALESCE(SUM(a.granted - a.spent - a.returned), 0) FROM lease a JOIN log l ON l.id = a.log
     WHERE a.campaign = c.id AND l.state = 1)
    + (SELECT COALESCE(SUM(p.granted - p.spent - p.returned), 0) FROM channel_lease p WHERE p.campaign = c.id)
    + (SELECT COALESCE(SUM(s.granted - s.spent - s.returned), 0) FROM store_lease s JOIN hub h ON h.id = s.hub
       WHERE s.campaign = c.id AND h.state = 1)
    + (SELECT COUNT(*) FROM coupon k WHERE k.campaign = c.id AND k.home > 0 AND k.reserved = 1) AS outstanding,
    c.stranded AS stranded_said,
    (SELECT COALESCE(SUM(a.granted - a.spent - a.returned), 0) FROM lease a JOIN log l ON l.id = a.log
     WHERE a.campaign = c.id AND l.state <> 1)
    + (SELECT COALESCE(SUM(s.granted - s.spent - s.returned), 0) FROM store_lease s JOIN hub h ON h.id = s.hub
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
