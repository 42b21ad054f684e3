-- Members who are to be forgotten. mark: the hash of the pseudonym that the tills are told (app/core/erasure.h). sub: the
-- pseudonym itself, from a record that comes later until the end of its batch.
CREATE TABLE erasure (
    mark BLOB NOT NULL PRIMARY KEY,
    sub INTEGER,
    version INTEGER NOT NULL, -- in the topic of erasures
    at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sale_member ON sale (member) WHERE member IS NOT NULL;
-- Of a record whose member was forgotten: salt and body as they were, for the chain. The body is without the member then.
ALTER TABLE record ADD COLUMN body_hash BLOB;
CREATE INDEX record_return ON record (id) WHERE type = 8;
