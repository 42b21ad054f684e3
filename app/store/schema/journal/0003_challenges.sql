-- Challenges that were shown to a phone and that no sale has used yet: app/core/challenge.h. A nonce leaves with the sale
-- that used it, or with the record that closes it unused.
CREATE TABLE challenge (
    nonce BLOB PRIMARY KEY CHECK (length(nonce) = 8),
    sum   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
