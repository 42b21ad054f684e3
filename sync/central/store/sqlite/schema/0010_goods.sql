-- How a store reads labels and rounds; prices for a time or for some members; and every price that was ever said, so that
-- what a till charged can be held against it.
CREATE TABLE store_rules (
    store INTEGER PRIMARY KEY REFERENCES store,
    entry BLOB NOT NULL -- as it goes down
) STRICT;
CREATE TABLE price_list (
    store INTEGER NOT NULL REFERENCES store,
    list INTEGER NOT NULL,
    parts INTEGER NOT NULL, -- that were ever sent
    name TEXT NOT NULL,
    prices INTEGER NOT NULL,
    from_us INTEGER NOT NULL,
    to_us INTEGER NOT NULL,
    tiers INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    reduced INTEGER NOT NULL,
    PRIMARY KEY (store, list)
) STRICT, WITHOUT ROWID;
CREATE TABLE price_said (
    store INTEGER NOT NULL,
    product INTEGER NOT NULL,
    list INTEGER NOT NULL, -- 0: the catalogue
    price_minor INTEGER NOT NULL,
    PRIMARY KEY (store, product, list, price_minor)
) STRICT, WITHOUT ROWID;
