-- Coupons that a till issued on a receipt whose goods are all back. A coupon's state 5: revoked, and used by nobody.
CREATE TABLE revoked (
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    sale INTEGER NOT NULL, -- its record
    PRIMARY KEY (campaign, idx)
) STRICT, WITHOUT ROWID;
