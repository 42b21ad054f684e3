-- What a parked sale is, beside its steps: sums up for the cashier, and whether the store's hub may have it. One that was
-- parked before has no row here.
CREATE TABLE parked_note (
    label TEXT PRIMARY KEY,
    body  BLOB NOT NULL,
    sum   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- A sale that the hub was asked for and that has not come yet. It leaves with the steps that came, or with a no.
CREATE TABLE taking (
    request_key BLOB PRIMARY KEY CHECK (length(request_key) = 16),
    body        BLOB NOT NULL,
    sum         BLOB NOT NULL
) STRICT, WITHOUT ROWID;
