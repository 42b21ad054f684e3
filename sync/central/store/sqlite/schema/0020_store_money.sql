-- Stores are leased money beside units; and money that is held for an ask is stranded with the epoch that asked.
ALTER TABLE taken ADD COLUMN stranded INTEGER NOT NULL DEFAULT 0; -- 1: the epoch that asked was set apart
DROP VIEW reckoned;
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
    + (SELECT COALESCE(SUM(s.granted_minor - s.spent_minor - s.returned_minor), 0) FROM store_lease s JOIN hub h ON h.id = s.hub
       WHERE s.campaign = c.id AND h.state = 1)
    + (SELECT COALESCE(SUM(t.hold_minor), 0) FROM taken t JOIN redemption r ON r.id = t.redemption
       WHERE r.campaign = c.id AND t.stranded = 0)
    + m.hold_minor * (SELECT COUNT(*) FROM coupon k WHERE k.campaign = c.id AND k.home > 0 AND k.reserved = 1)
        AS money_outstanding,
    m.stranded + m.risk_stranded AS money_stranded_said,
    (SELECT COALESCE(SUM(a.granted_minor - a.spent_minor - a.returned_minor), 0) FROM lease a JOIN log l ON l.id = a.log
     WHERE a.campaign = c.id AND l.state <> 1)
    + (SELECT COALESCE(SUM(s.granted_minor - s.spent_minor - s.returned_minor), 0) FROM store_lease s JOIN hub h ON h.id = s.hub
       WHERE s.campaign = c.id AND h.state <> 1)
    + (SELECT COALESCE(SUM(t.hold_minor), 0) FROM taken t JOIN redemption r ON r.id = t.redemption
       WHERE r.campaign = c.id AND t.stranded = 1)
    + m.hold_minor * (SELECT COUNT(*) FROM coupon k WHERE k.campaign = c.id AND k.reserved = 2) AS money_stranded,
    m.spent AS money_spent_said,
    CASE WHEN m.budget = 0 THEN 0
         ELSE (SELECT COALESCE(SUM(r.cost_minor), 0) FROM redemption r WHERE r.campaign = c.id AND r.source > 0)
    END AS money_spent,
    m.twice_minor AS lost_twice_said,
    (SELECT COALESCE(SUM(r.sum_minor - CASE WHEN r.certain = 0 THEN r.dearest_minor ELSE 0 END), 0) FROM risk_right r
     WHERE r.campaign = c.id) AS lost_twice
FROM campaign c JOIN campaign_money m ON m.campaign = c.id;
