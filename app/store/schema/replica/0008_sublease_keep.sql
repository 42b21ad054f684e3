-- replica.db, version 8: of what a hub sub-leased to this terminal, what it said to keep (units).
ALTER TABLE sublease ADD COLUMN keep INTEGER NOT NULL DEFAULT 1000000;
