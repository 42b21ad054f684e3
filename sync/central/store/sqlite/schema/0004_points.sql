-- Every change of a member's points has its cause here, once, so that a balance is a sum. cause: 0 what was there before
-- causes were kept (ref: the member), 1 earned by a till's sale (its record), 2 earned online (the redemption), 3 taken
-- by a voucher (the voucher), 4 given back by its release (the voucher), 5 taken back by a return (its record).
CREATE TABLE points (
    cause INTEGER NOT NULL,
    ref INTEGER NOT NULL,
    sub INTEGER NOT NULL,
    points INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (cause, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX points_sub ON points (sub);
INSERT INTO points (cause, ref, sub, points, at_us) SELECT 0, sub, sub, points, joined_us FROM member WHERE points <> 0;
-- A coupon that was paid for with points.
CREATE TABLE voucher (
    id INTEGER PRIMARY KEY,
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    sub INTEGER NOT NULL,
    points INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    released INTEGER, -- the record by which its home gave it up and the points went back; NULL: none
    UNIQUE (campaign, idx)
) STRICT;
CREATE INDEX voucher_sub ON voucher (sub);
