-- replica.db, version 10: what a hub sub-leased in money, and its share of one day: of any other day there is none.
ALTER TABLE sublease ADD COLUMN granted_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sublease ADD COLUMN day INTEGER NOT NULL DEFAULT 0; -- 20261122; 0: none
ALTER TABLE sublease ADD COLUMN day_granted INTEGER NOT NULL DEFAULT 0;
