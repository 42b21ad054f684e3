-- Returns, as sync/central/apply_return.c has them. `sale` is the record of the sale, which may not have arrived.
CREATE TABLE sale_return (
    id INTEGER PRIMARY KEY, -- its record
    sale INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    is_void INTEGER NOT NULL,
    total_minor INTEGER NOT NULL, -- refunded
    points INTEGER NOT NULL,      -- taken back, as the till says
    state INTEGER NOT NULL,       -- 1 waiting for the sale, 2 applied, 3 set aside: not of that sale's goods
    excess INTEGER NOT NULL       -- 1: with those before it, it takes back more than was sold
) STRICT;
CREATE INDEX sale_return_sale ON sale_return (sale, state, at_ms, id);
CREATE TABLE sale_return_line (
    ret INTEGER NOT NULL REFERENCES sale_return,
    line INTEGER NOT NULL,
    qty_milli INTEGER NOT NULL,
    PRIMARY KEY (ret, line)
) STRICT, WITHOUT ROWID;
-- What all returns of a sale together have undone.
CREATE TABLE sale_undone (
    sale INTEGER PRIMARY KEY,
    points INTEGER NOT NULL, -- taken back
    rights INTEGER NOT NULL  -- 1: its rights were given back or burnt
) STRICT;
-- Goods that are kept for a return, by the key that the till had journalled. state: 1 open, 2 undone or never to be kept,
-- 3 the return has arrived.
CREATE TABLE return_claim (
    key BLOB NOT NULL PRIMARY KEY,
    log INTEGER NOT NULL,
    sale INTEGER NOT NULL,
    state INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX return_claim_sale ON return_claim (sale) WHERE state = 1;
CREATE TABLE return_claim_line (
    key BLOB NOT NULL REFERENCES return_claim,
    line INTEGER NOT NULL,
    qty_milli INTEGER NOT NULL,
    PRIMARY KEY (key, line)
) STRICT, WITHOUT ROWID;
