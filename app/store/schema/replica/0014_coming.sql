-- replica.db, version 14: how many chunks a snapshot on its way will have, for who looks on; 0: nobody has said.
ALTER TABLE snapshot ADD COLUMN all_chunks INTEGER NOT NULL DEFAULT 0;
