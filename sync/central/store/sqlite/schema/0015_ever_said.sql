-- What the centre ever said, for judging sales that waited: all of one product, user, list or store is found by its key.
CREATE INDEX down_entry_key ON down_entry (topic, scope, key, version) WHERE key >= 0;
-- What cards ever claimed of a member, who may have agreed to something else since. what: 1 birthday, 2 a segment.
CREATE TABLE member_said (
    member INTEGER NOT NULL,
    what INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (member, what, value)
) STRICT, WITHOUT ROWID;
-- When the centre heard of a sale; 0: before it noted that.
ALTER TABLE sale ADD COLUMN heard_us INTEGER NOT NULL DEFAULT 0;
