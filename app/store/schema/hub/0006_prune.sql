-- When a row came, so that it can be forgotten once nobody can ask for it any more. 0: before this was kept.
ALTER TABLE released_key ADD COLUMN at_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE kept ADD COLUMN at_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE returned ADD COLUMN at_us INTEGER NOT NULL DEFAULT 0;
-- What the centre had of the log when this terminal last had heard all from it, and before that round began.
ALTER TABLE till ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
