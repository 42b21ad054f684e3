-- The epoch of the terminal, or of the store's hub, that a coupon is pinned to: a machine that had that place before goes
-- on honouring what names no epoch. What was pinned before this was noted is of the newest one, or if its unit is
-- stranded of the newest that is over.
ALTER TABLE coupon ADD COLUMN home_epoch INTEGER;
UPDATE coupon SET home_epoch = COALESCE(
    CASE WHEN reserved = 2 THEN (SELECT MAX(l.epoch) FROM log l WHERE l.terminal = coupon.home AND l.state <> 1)
        ELSE (SELECT t.epoch FROM terminal t WHERE t.id = coupon.home) END,
    CASE WHEN reserved = 2 THEN (SELECT MAX(h.epoch) FROM hub h WHERE h.store = coupon.home AND h.state <> 1)
        ELSE (SELECT MAX(h.epoch) FROM hub h WHERE h.store = coupon.home) END, 1)
WHERE home IS NOT NULL;
