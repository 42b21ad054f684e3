-- Members to be forgotten, by the hash of their pseudonym (app/core/erasure.h). Kept: a record of such a member may yet be sent.
CREATE TABLE erasure (
    mark BLOB PRIMARY KEY CHECK (length(mark) = 16)
) STRICT, WITHOUT ROWID;
