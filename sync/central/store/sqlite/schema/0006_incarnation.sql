-- How often a till was started (app/core/incarnation.h): the highest that any of its batches told, and the highest of the
-- START records in its log.
ALTER TABLE log ADD COLUMN incarnation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE log ADD COLUMN started INTEGER NOT NULL DEFAULT 0;
