-- Coupons that were issued on a receipt whose goods came back here: by the return of record seq.
CREATE TABLE revoked (
    campaign INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    PRIMARY KEY (campaign, number)
) STRICT, WITHOUT ROWID;
