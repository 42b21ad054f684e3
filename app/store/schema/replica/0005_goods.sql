-- replica.db, version 5: how the store reads labels and rounds, and prices for a time or for some members.
CREATE TABLE store_rules (
    only  INTEGER PRIMARY KEY CHECK (only = 1),
    entry BLOB NOT NULL
) STRICT;

-- A list comes in parts, each with the list's terms; see app/core/price_list.h.
CREATE TABLE price_list (
    list     INTEGER NOT NULL,
    part     INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    reduced  INTEGER NOT NULL,
    tiers    INTEGER NOT NULL,
    from_us  INTEGER NOT NULL,
    to_us    INTEGER NOT NULL,
    PRIMARY KEY (list, part)
) STRICT, WITHOUT ROWID;
CREATE TABLE listed_price (
    product     INTEGER NOT NULL,
    list        INTEGER NOT NULL,
    part        INTEGER NOT NULL,
    price_minor INTEGER NOT NULL,
    PRIMARY KEY (product, list, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX listed_price_by_part ON listed_price (list, part);
