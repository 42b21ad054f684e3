-- The records that say how often the till was started (START, 6) and that it is in quarantine (QUARANTINE, 10) are found
-- without a walk: app/core/incarnation.h.
CREATE INDEX record_standing ON record (type) WHERE type = 6 OR type = 10;
