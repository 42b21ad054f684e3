-- Keys of the API beside the owner's, which is a setting. Of a key only its SHA-256 is kept; one that was revoked stays,
-- so that what it did can be told of it.
CREATE TABLE api_key (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 5), -- 1 shop, 2 marketing, 3 manager, 4 technician, 5 auditor
    name TEXT NOT NULL,
    made_us INTEGER NOT NULL,
    used_us INTEGER NOT NULL,   -- to the minute; 0: never
    revoked_us INTEGER NOT NULL -- 0: it is good
) STRICT;
-- A payment that the online shop took back.
ALTER TABLE value_order ADD COLUMN undone_us INTEGER NOT NULL DEFAULT 0;
