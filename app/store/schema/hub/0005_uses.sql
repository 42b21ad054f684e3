-- Each use of a right and each hold of it is a row of its own: what one till says of its use says nothing of another's.
-- seq: the record of the use; 0 for what is held, and for uses from before it was kept.
ALTER TABLE claim RENAME TO claim_before;
CREATE TABLE claim (
    campaign    INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    terminal    INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    request_key BLOB NOT NULL CHECK (length(request_key) = 16),
    state       INTEGER NOT NULL,
    PRIMARY KEY (campaign, number, terminal, epoch, seq, request_key)
) STRICT, WITHOUT ROWID;
INSERT INTO claim (campaign, number, terminal, epoch, seq, request_key, state)
SELECT campaign, number, terminal, epoch, 0, request_key, state FROM claim_before;
DROP TABLE claim_before;
CREATE INDEX claim_held ON claim (request_key) WHERE state = 1;
