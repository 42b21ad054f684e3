-- Baskets that the online shop sold without a coupon. Each is one purchase of its member, until the member is forgotten.
CREATE TABLE basket (
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    store INTEGER NOT NULL, -- by whose prices
    reference TEXT NOT NULL, -- the shop's own name for it, or nothing
    ordered INTEGER NOT NULL, -- 1: an order to be picked up came of it, which is the purchase
    member INTEGER,
    discount_minor INTEGER NOT NULL,
    total_minor INTEGER NOT NULL
) STRICT;
CREATE INDEX basket_member ON basket (member) WHERE member IS NOT NULL;
