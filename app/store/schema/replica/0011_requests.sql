-- replica.db, version 11: goods that this store asked for, or was asked for, as the entries that brought them
-- (app/core/order_request.h); and which orders are open, to be listed.
CREATE TABLE request (
    number   INTEGER PRIMARY KEY,
    terminal INTEGER NOT NULL, -- the record that asked
    epoch    INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    open     INTEGER NOT NULL,
    entry    BLOB NOT NULL -- REQUEST or REQUEST_GONE
) STRICT;
CREATE INDEX request_of ON request (terminal, epoch, seq);
CREATE INDEX request_open ON request (number) WHERE open = 1;
-- The second byte of an entry is its kind: 21, ORDER.
CREATE INDEX shop_order_open ON shop_order (number) WHERE substr(entry, 2, 1) = x'15';
