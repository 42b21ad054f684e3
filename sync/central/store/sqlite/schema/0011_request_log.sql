-- Whose ask it was: a terminal in one epoch. A log says of another epoch's asks nothing. 0: not known, and undone anyway.
ALTER TABLE till_request ADD COLUMN log INTEGER NOT NULL DEFAULT 0;
UPDATE till_request SET log = COALESCE(
    (SELECT l.id FROM redemption r JOIN log l ON l.terminal = till_request.terminal AND l.enrolled_us <= r.at_us
     WHERE r.id = till_request.redemption ORDER BY l.epoch DESC LIMIT 1), 0);
